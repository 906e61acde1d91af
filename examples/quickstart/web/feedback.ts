import type { Phase, ZkpAuthClient } from '@zkp-auth/client';
import { byId, make } from './dom.ts';
import { explainError } from './explain-error.ts';

const sentences: Record<Phase, string> = {
  unlocking: 'Working with the key on this device…',
  proving: 'Computing the proof…',
  contacting: 'Asking the server…',
};

let current: AbortController | undefined;

/** Say how something went, without taking the focus. */
export function say(text: string): void {
  byId('status', HTMLParagraphElement).textContent = text;
  byId('error', HTMLDivElement).replaceChildren();
}

/** Say what went wrong, and what to do next. */
export function sayError(error: unknown): void {
  const { title, next } = explainError(error);
  byId('status', HTMLParagraphElement).textContent = '';
  byId('error', HTMLDivElement).replaceChildren(make('strong', {}, title), make('p', {}, next));
}

/** Say that something on the form is missing, beside the rest. */
export function sayMissing(field: HTMLInputElement, title: string): void {
  byId('status', HTMLParagraphElement).textContent = '';
  byId('error', HTMLDivElement).replaceChildren(make('strong', {}, title));
  field.setAttribute('aria-invalid', 'true');
  field.addEventListener('input', () => field.removeAttribute('aria-invalid'), { once: true });
  field.focus();
}

/** Light up the step that the client is busy with, and offer to cancel. */
export function bindProgress(client: ZkpAuthClient): void {
  const steps = [...document.querySelectorAll<HTMLLIElement>('#steps li')];
  client.subscribe(() => {
    const { operation, phase } = client.getSnapshot();
    const busy = operation !== null && operation !== 'remove';
    byId('progress', HTMLDivElement).hidden = !busy;
    byId('progress-text', HTMLParagraphElement).textContent = phase === null ? '' : sentences[phase];
    if (phase !== null) byId('status', HTMLParagraphElement).textContent = sentences[phase];
    for (const step of steps) {
      if (step.dataset['phase'] === phase) step.setAttribute('aria-current', 'step');
      else step.removeAttribute('aria-current');
    }
  });
  byId('cancel', HTMLButtonElement).addEventListener('click', () => current?.abort());
}

/**
 * Run one action at a time, with everything that could start another one at rest.
 *
 * @returns whether it ended well.
 */
export async function busyWith(action: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  if (current !== undefined) return false;
  const controller = new AbortController();
  current = controller;
  rest(true);
  say('');
  try {
    await action(controller.signal);
    return true;
  } catch (error) {
    if (controller.signal.aborted) say('Cancelled.');
    else sayError(error);
    return false;
  } finally {
    rest(false);
    current = undefined;
  }
}

/** Everything but Cancel stands still, without losing the focus that may be on it. */
function rest(busy: boolean): void {
  document.body.classList.toggle('busy', busy);
  for (const button of document.querySelectorAll('button:not(#cancel)')) {
    if (busy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
  }
}
