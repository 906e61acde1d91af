import type { StoragePersistence } from '@zkp-auth/client';
import { client } from './client.ts';
import { currentSession, currentUser } from './current-session.ts';
import { actionButton, byId, make } from './dom.ts';
import { say, sayError } from './feedback.ts';
import { input } from './forms.ts';
import { saveKey } from './key-dialogs.ts';

const kept = 'Your browser keeps this site’s storage now, until you clear it yourself.';
const notKept = 'Your browser did not promise it. Save the key as a file, so that you can bring it back.';

const keptNote = 'kept until you clear it yourself';
const clearedNote = 'may be cleared when space runs short';
const unaskedNote = 'may be cleared, and this browser cannot be asked to keep it: save the key as a file';

/** The offer on the page. After an answer, the page makes it again only after a reload. */
let offer: HTMLElement | undefined;
let isWaiting = false;

/**
 * The elements to show after a key has come to this device.
 *
 * @param options.hasFile whether the person has a copy of the key in a file.
 */
export async function offerToKeep({ hasFile }: { hasFile: boolean }): Promise<HTMLElement[]> {
  const { persisted, supported } = await persistence();
  if (offer !== undefined || persisted || (!supported && hasFile)) return standingOffer();
  offer = supported ? offerToAsk() : offerToSave();
  return [offer];
}

/** The offer, if it still waits for an answer. */
export function standingOffer(): HTMLElement[] {
  return offer?.isConnected === true ? [offer] : [];
}

/** Show in “Security” whether the browser keeps the key. */
export async function showStorage(): Promise<void> {
  const { persisted, supported } = await persistence();
  const note = persisted ? keptNote : supported ? clearedNote : unaskedNote;
  const name = make('span', { className: 'name' }, 'This browser’s storage', make('small', {}, note));
  const actions = supported && !persisted ? [actionButton('Keep it safe', ask)] : [];
  byId('storage', HTMLUListElement).replaceChildren(make('li', {}, name, ...actions));
}

function offerToAsk(): HTMLElement {
  return notice(
    'A browser may clear what sites have stored when space runs short. Ask yours to keep this site’s storage. It may ask you to allow it.',
    actionButton('Keep it safe', ask),
  );
}

function offerToSave(): HTMLElement {
  return notice(
    'This browser may clear what sites have stored, and cannot be asked to keep it. With a file of the key you can bring it back.',
    actionButton('Save it as a file', async () => {
      leave();
      await saveKey(currentUser());
    }),
  );
}

function notice(text: string, action: HTMLElement): HTMLElement {
  const title = make('strong', { id: 'keep-title' }, 'Keep this key safe from clean-ups');
  const actions = make('div', { className: 'actions' }, action, actionButton('Not now', leave));
  const element = make('div', { className: 'notice' }, title, make('p', {}, text), actions);
  element.setAttribute('role', 'group');
  element.setAttribute('aria-labelledby', title.id);
  return element;
}

/** No other step waits for the answer, because some browsers give it only after the person has answered them. */
async function ask(): Promise<void> {
  if (isWaiting) return;
  isWaiting = true;
  say('Your browser may ask you now.');
  try {
    const { persisted } = await client.requestPersistence();
    leave();
    await showStorage();
    say(persisted ? kept : notKept);
  } catch (error) {
    sayError(error);
  } finally {
    isWaiting = false;
  }
}

/** Remove the offer. If it had the focus, the focus moves to the place where the person continues. */
function leave(): void {
  const storage = byId('storage', HTMLUListElement);
  const { activeElement } = document;
  const isInRow = storage.contains(activeElement);
  const hadFocus = offer?.contains(activeElement) === true;
  offer?.remove();
  if (isInRow) byId('security-title', HTMLHeadingElement).focus();
  else if (hadFocus)
    (currentSession() === null ? input('login-pin') : byId('who', HTMLHeadingElement)).focus();
}

function persistence(): Promise<StoragePersistence> {
  return client.getPersistence().catch(() => ({ persisted: false, supported: false }));
}
