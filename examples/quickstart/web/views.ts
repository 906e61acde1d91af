import { byId } from './dom.ts';

export type View = 'finding' | 'signed-out' | 'signed-in';

const views: readonly View[] = ['finding', 'signed-out', 'signed-in'];

/** Show one view of the card, and hide the others. */
export function showView(view: View): void {
  for (const other of views) byId(other, HTMLDivElement).hidden = other !== view;
}

/** Close every open dialog. */
export function closeDialogs(): void {
  for (const dialog of document.querySelectorAll('dialog[open]')) (dialog as HTMLDialogElement).close();
}
