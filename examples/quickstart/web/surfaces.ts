import { make } from './dom.ts';

/** Where something is said: under the card, or in the dialog that is open. */
export interface Surface {
  progress: HTMLDivElement;
  progressText: HTMLParagraphElement;
  status: HTMLParagraphElement;
  error: HTMLDivElement;
  /** What belongs to an error and is not read out with it: a countdown, or ways to go on. */
  details: HTMLDivElement;
}

const surfaces = new Map<Element, Surface>();

/**
 * Make the card and every dialog ready to say something. The live regions are there before there is anything in
 * them: what arrives together with its text is not read out.
 */
export function makeSurfaces(card: HTMLElement, cancel: HTMLButtonElement): void {
  surfaces.set(card, appendSurface(card));
  surfaceOf(card).progress.append(cancel);
  for (const dialog of document.querySelectorAll('dialog')) {
    surfaces.set(dialog, appendSurface(dialog));
  }
}

/** The one in front. */
export function currentSurface(): Surface {
  return surfaceOf(document.querySelector('dialog[open]') ?? ([...surfaces.keys()][0] as Element));
}

/** The one that something stands in; the one in front where it stands nowhere. */
export function surfaceAround(element: Element): Surface {
  const host = [...surfaces.keys()].find((candidate) => candidate.contains(element));
  return host === undefined ? currentSurface() : surfaceOf(host);
}

/** All of them, for what must not linger anywhere. */
export function allSurfaces(): Iterable<Surface> {
  return surfaces.values();
}

function surfaceOf(host: Element): Surface {
  const surface = surfaces.get(host);
  if (surface === undefined) throw new TypeError('nothing can be said here');
  return surface;
}

function appendSurface(host: HTMLElement): Surface {
  const spinner = make('span', { className: 'spinner', ariaHidden: 'true' });
  const progressText = make('p');
  const progress = make('div', { className: 'progress', hidden: true }, spinner, progressText);
  // It appears only where something takes its time.
  progress.addEventListener('animationstart', () => progress.scrollIntoView({ block: 'nearest' }));
  const status = make('p', { className: 'status', role: 'status' });
  const error = make('div', { className: 'error', role: 'alert' });
  const details = make('div', { className: 'details' });
  host.append(progress, status, error, details);
  return { progress, progressText, status, error, details };
}
