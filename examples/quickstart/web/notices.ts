import type { Session } from '@zkp-auth/client';
import { make } from './dom.ts';

const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

/** Notices for the person at sign-in. */
export function noticesOf({ failedPinTries, recordCloneSuspectedAtMs, newPinDue }: Session): HTMLElement[] {
  const notices: HTMLElement[] = [];
  if (recordCloneSuspectedAtMs !== undefined) {
    notices.push(
      notice(
        'warning',
        `Somebody used an old copy of your key on ${dateAndTime.format(recordCloneSuspectedAtMs)}.`,
        'It does not open any more. If that was not you, with an old copy of this browser’s data, somebody has been at this device: change your PIN.',
      ),
    );
  }
  if (newPinDue) {
    notices.push(
      notice(
        'warning',
        'Choose a new PIN.',
        'More than thirty tries at your PIN came to nothing since you chose it. Ten more lock it.',
      ),
    );
  }
  if (failedPinTries > 0) {
    const tries = failedPinTries === 1 ? '1 try' : `${failedPinTries} tries`;
    notices.push(
      notice(
        'notice',
        `${tries} at your PIN came to nothing since your last sign-in.`,
        'A wrong PIN counts, and a confirmation that never arrived. Signing in renews your key: copies of it from before no longer open.',
      ),
    );
  }
  return notices;
}

function notice(className: string, title: string, text: string): HTMLElement {
  return make('div', { className }, make('strong', {}, title), make('p', {}, text));
}
