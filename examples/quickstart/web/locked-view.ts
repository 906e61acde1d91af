import { isZkpAuthError } from '@zkp-auth/client';
import { countdownOf } from './countdown.ts';
import { actionButton, make } from './dom.ts';
import { hasPasskey } from './has-passkey.ts';

/** The steps that this page offers for a locked PIN. Leave them out if another view has to be closed first. */
export interface WaysBackIn {
  usePasskey: () => void;
  setNewPin: () => void;
  bringKey: () => void;
}

/** The details of an error about a person's PIN. They are the time to wait, or the ways back in. */
export async function pinDetails(error: unknown, userId: string, ways?: WaysBackIn): Promise<Node[]> {
  return isLocked(error) ? [await waysBackIn(userId, ways)] : countdownOf(error);
}

function isLocked(error: unknown): boolean {
  if (!isZkpAuthError(error)) return false;
  return error.code === 'PIN_LOCKED' || (error.code === 'DECRYPTION_FAILED' && error.attemptsLeft === 0);
}

async function waysBackIn(userId: string, ways: WaysBackIn | undefined): Promise<HTMLElement> {
  const passkey = make(
    'li',
    {},
    make('p', {}, make('strong', {}, 'Your passkey'), ' opens the key without the PIN.'),
    ...row(ways, [
      ['Use the passkey', ways?.usePasskey],
      ['Set a new PIN with it', ways?.setNewPin],
    ]),
  );
  const file = make(
    'li',
    {},
    make(
      'p',
      {},
      make('strong', {}, 'A file under a passphrase'),
      ' that you saved earlier: bring the key in.',
    ),
    ...row(ways, [['Bring a key', ways?.bringKey]]),
  );
  const device = make(
    'li',
    {},
    make(
      'p',
      {},
      make('strong', {}, 'Another device'),
      ' that has the key: sign in there, save the key as a file, and bring it in here.',
    ),
  );
  const operator = make(
    'li',
    {},
    make(
      'p',
      {},
      make('strong', {}, 'The operator'),
      ' of this site can give you three more tries, in the folder of the project:',
    ),
    make('pre', {}, unlockCommand(userId)),
  );
  const list = make('ul', {}, ...((await hasPasskey(userId)) ? [passkey] : []), file, device, operator);
  return make(
    'section',
    { className: 'ways', ariaLabel: 'Ways back in' },
    make('p', { className: 'label', ariaHidden: 'true' }, 'Ways back in'),
    list,
  );
}

function row(ways: WaysBackIn | undefined, actions: [string, (() => void) | undefined][]): Node[] {
  if (ways === undefined) return [];
  const buttons = actions.map(([label, run]) => actionButton(label, () => run?.()));
  return [make('div', { className: 'actions' }, ...buttons)];
}

/** The command, ready to paste into a shell, for any name. */
function unlockCommand(userId: string): string {
  const quoted = /^[\w.@-]+$/.test(userId) ? userId : `'${userId.replaceAll("'", String.raw`'\''`)}'`;
  return `npm run unlock -- ${quoted}`;
}
