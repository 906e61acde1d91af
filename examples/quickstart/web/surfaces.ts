import { make } from './dom.ts';

/** A place for messages. It is under the card, or in the open dialog. */
export interface Surface {
  progress: HTMLDivElement;
  progressText: HTMLParagraphElement;
  status: HTMLParagraphElement;
  error: HTMLDivElement;
  /** Elements that belong to an error and are not read out with it, such as a countdown or the ways to continue. */
  details: HTMLDivElement;
}

const surfaces = new Map<Element, Surface>();

/**
 * Prepare the card and every dialog for messages. The live regions exist before they have content. A screen reader does
 * not read out a region that appears together with its text.
 */
export function makeSurfaces(card: HTMLElement, cancel: HTMLButtonElement): void {
  surfaces.set(card, appendSurface(card));
  surfaceOf(card).progress.append(cancel);
  for (const dialog of document.querySelectorAll('dialog')) {
    surfaces.set(dialog, appendSurface(dialog));
  }
}

/** The surface in front. */
export function currentSurface(): Surface {
  return surfaceOf(document.querySelector('dialog[open]') ?? ([...surfaces.keys()][0] as Element));
}

/** The surface around an element. If the element is in no surface, the surface in front. */
export function surfaceAround(element: Element): Surface {
  const host = [...surfaces.keys()].find((candidate) => candidate.contains(element));
  return host === undefined ? currentSurface() : surfaceOf(host);
}

/** All surfaces, for a message that must disappear everywhere. */
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
  // It appears only if an action takes some time.
  progress.addEventListener('animationstart', () => progress.scrollIntoView({ block: 'nearest' }));
  const status = make('p', { className: 'status', role: 'status' });
  const error = make('div', { className: 'error', role: 'alert' });
  const details = make('div', { className: 'details' });
  host.append(progress, status, error, details);
  return { progress, progressText, status, error, details };
}
