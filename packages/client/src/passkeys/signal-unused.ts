import type { LocalSlot } from '../storage/local-key.js';
import type { PasskeyTools } from './passkey-tools.js';

/** The passkey of a slot, or `null` if the slot is of another kind. */
export type PasskeyOfSlot = Pick<LocalSlot, 'passkeyId'>;

/** Signal the passkeys of removed slots that none of the slots that are left uses. */
export function signalUnused(
  { encodeBase64url }: PasskeyTools,
  removed: readonly PasskeyOfSlot[],
  left: readonly PasskeyOfSlot[],
): void {
  const idsOf = (slots: readonly PasskeyOfSlot[]): Set<string> =>
    new Set(slots.flatMap(({ passkeyId }) => (passkeyId === null ? [] : [encodeBase64url(passkeyId)])));
  const used = idsOf(left);
  for (const credentialId of idsOf(removed)) if (!used.has(credentialId)) signalUnknown(credentialId);
}

/**
 * Tell the browser that a passkey of this page's host is not in use, if the browser supports that. The browser asks the
 * authenticator to delete or hide it. Nobody waits for the answer, because it does not say whether that was done.
 *
 * @param credentialId of the passkey, in base64url.
 */
export function signalUnknown(credentialId: string): void {
  const { PublicKeyCredential, location } = globalThis as {
    PublicKeyCredential?: { signalUnknownCredential?(options: object): Promise<void> };
    location?: { hostname: string };
  };
  const signal = async (): Promise<void> =>
    PublicKeyCredential?.signalUnknownCredential?.({ rpId: location?.hostname, credentialId });
  void signal().catch(() => undefined);
}
