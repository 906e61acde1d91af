import { byId } from './dom.ts';

export type View = 'finding' | 'signed-out' | 'signed-in';

const views: readonly View[] = ['finding', 'signed-out', 'signed-in'];

/** Show one of what the card can be, and hide the others. */
export function showView(view: View): void {
  for (const other of views) byId(other, HTMLDivElement).hidden = other !== view;
}

/** Leave whatever is open. */
export function closeDialogs(): void {
  for (const dialog of document.querySelectorAll('dialog[open]')) (dialog as HTMLDialogElement).close();
}
