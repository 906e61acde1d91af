import { ZkpAuthError } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';
import { normalizePin } from '../pin.js';

/** The decimal logarithm of the guesses that a passphrase must withstand: there is no server to stop them. */
const leastGuessesLog10 = 16;

const loadMeasure = /* @__PURE__ */ loadPart(() => import('./measure-passphrase.js'));

/**
 * Measure a passphrase as those who guess would (zxcvbn). It knows words and habits, and no literature: a line out
 * of a book measures well and is not strong.
 *
 * @param context words that are easily guessed here: the user's name, the site.
 * @throws `WEAK_PASSPHRASE`, saying what makes it weak; `NETWORK_ERROR` if the measure cannot be fetched.
 */
export async function assertStrongPassphrase(passphrase: string, context: string[]): Promise<void> {
  const normalized = normalizePin(passphrase);
  const { measurePassphrase } = await loadMeasure();
  const { guessesLog10, warning } = measurePassphrase(normalized, context);
  if (guessesLog10 >= leastGuessesLog10) return;
  const advice = 'Use seven words or more that have nothing to do with each other, or have one generated.';
  throw new ZkpAuthError('WEAK_PASSPHRASE', warning === null ? advice : `${warning} ${advice}`);
}
