import type { Phase } from '@zkp-auth/client';
import { client } from './client.ts';
import { byId, make } from './dom.ts';
import { explainError } from './explain-error.ts';
import { Explained } from './explained.ts';
import { allSurfaces, currentSurface, makeSurfaces, type Surface } from './surfaces.ts';

const sentences: Record<Phase, string> = {
  unlocking: 'Working with the key on this device…',
  proving: 'Computing the proof…',
  contacting: 'Asking the server…',
};

/** Elements shown with an error, beside its explanation. */
export type Details = (error: unknown) => Node[] | Promise<Node[]>;

let current: AbortController | undefined;
let whenIdle: () => void = () => undefined;

/** Show the outcome, without taking the focus. */
export function say(text: string, { status, error, details }: Surface = currentSurface()): void {
  status.textContent = text;
  error.replaceChildren();
  details.replaceChildren();
}

/** Show the error, and the next step. */
export function sayError(error: unknown, details: readonly Node[] = []): void {
  say('');
  const surface = currentSurface();
  const { title, next } = explainError(error);
  surface.error.replaceChildren(make('strong', {}, title), make('p', {}, next));
  surface.details.replaceChildren(...details);
  (surface.details.hasChildNodes() ? surface.details : surface.error).scrollIntoView({ block: 'nearest' });
}

/** Show at a field that it is missing or does not fit. */
export function sayMissing(field: HTMLInputElement, title: string): void {
  say('');
  const { error } = currentSurface();
  error.replaceChildren(make('strong', {}, title));
  error.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-invalid', 'true');
  field.addEventListener('input', () => field.removeAttribute('aria-invalid'), { once: true });
  field.focus();
}

/**
 * Highlight the current step of the client, and offer to cancel.
 *
 * @param onIdle called whenever an action has ended.
 */
export function bindFeedback(onIdle: () => void): void {
  whenIdle = onIdle;
  const cancel = make('button', { type: 'button', className: 'cancel' }, 'Cancel');
  cancel.addEventListener('click', cancelBusy);
  makeSurfaces(byId('card', HTMLElement), cancel);
  const steps = [...document.querySelectorAll<HTMLLIElement>('#steps li')];
  client.subscribe(() => {
    const { operation, phase } = client.getSnapshot();
    const busy = operation !== null && operation !== 'remove' && operation !== 'remove-slot';
    const { progress, progressText, status } = currentSurface();
    for (const other of allSurfaces()) other.progress.hidden ||= other.progress !== progress;
    progress.hidden = !busy;
    progressText.textContent = phase === null ? 'One moment…' : sentences[phase];
    if (phase !== null) status.textContent = sentences[phase];
    for (const step of steps) {
      if (step.dataset['phase'] === phase) step.setAttribute('aria-current', 'step');
      else step.removeAttribute('aria-current');
    }
  });
}

export function isBusy(): boolean {
  return current !== undefined;
}

export function cancelBusy(): void {
  current?.abort();
}

/**
 * Run one action at a time, and disable everything that could start another action.
 *
 * @returns whether it succeeded.
 */
export async function busyWith(
  action: (signal: AbortSignal) => Promise<void>,
  detailsOf: Details = () => [],
): Promise<boolean> {
  if (current !== undefined) return false;
  const controller = new AbortController();
  current = controller;
  rest(true);
  say('');
  try {
    await action(controller.signal);
    return true;
  } catch (error) {
    if (controller.signal.aborted && !(error instanceof Explained)) say('Cancelled.');
    else sayError(error, await detailsOf(error));
    return false;
  } finally {
    rest(false);
    current = undefined;
    whenIdle();
  }
}

/** Disable everything but Cancel, without losing the focus. */
function rest(busy: boolean): void {
  document.body.classList.toggle('busy', busy);
  for (const button of document.querySelectorAll('button:not(.cancel, .dismiss)')) {
    if (busy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
  }
}
