import { loadPart } from '../load-part.js';
import { normalizePin } from '../pins/pin.js';

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
  const { refuseGuessable } = await loadMeasure();
  await refuseGuessable(normalized, context);
}
