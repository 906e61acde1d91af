import { loadPart } from '../load-part.js';
import { normalizePin } from '../pins/pin.js';

const loadMeasure = /* @__PURE__ */ loadPart(() => import('./measure-passphrase.js'));

/**
 * Measure a passphrase as an attacker would guess it (zxcvbn). The measure knows words and habits, and no literature. A
 * line from a book measures well and is not strong.
 *
 * @param context words that are easy to guess here, such as the user's name and the site.
 * @throws `WEAK_PASSPHRASE` with the weakness; `NETWORK_ERROR` if the measure cannot be fetched.
 */
export async function assertStrongPassphrase(passphrase: string, context: string[]): Promise<void> {
  const normalized = normalizePin(passphrase);
  const { refuseGuessable } = await loadMeasure();
  await refuseGuessable(normalized, context);
}
