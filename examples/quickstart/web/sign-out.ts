import { isZkpAuthError } from '@zkp-auth/client';
import { client } from './client.ts';
import { announce } from './current-session.ts';
import { busyWith } from './feedback.ts';

/**
 * End the session in all tabs of this browser, even if the server cannot be reached.
 *
 * @returns whether nobody is signed in now.
 */
export function signOut(): Promise<boolean> {
  return busyWith(async (signal) => {
    try {
      await client.signOut({ signal });
      announce('Signed out.');
    } catch (error) {
      if (!isZkpAuthError(error) || error.outcome !== 'done') throw error;
      announce(
        'Signed out on this device. The server could not be told, but nobody can go on with this session: its key was in this browser only, and is gone.',
      );
    }
  });
}
