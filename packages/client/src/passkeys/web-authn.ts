import { ZkpAuthError } from '@zkp-auth/core';
import type { LocalSlot } from '../storage/local-key.js';

/** The answer of the PRF extension. */
export interface PrfResults {
  enabled?: boolean;
  results?: { first?: BufferSource };
}

/** @throws `PASSKEY_UNSUPPORTED` if there is no WebAuthn, as in Node or an insecure page. */
export function credentialsContainer(): CredentialsContainer {
  const { navigator, PublicKeyCredential } = globalThis as {
    navigator?: { credentials?: CredentialsContainer };
    PublicKeyCredential?: unknown;
  };
  if (PublicKeyCredential === undefined || navigator?.credentials === undefined) {
    throw new ZkpAuthError('PASSKEY_UNSUPPORTED', 'This browser has no passkeys.');
  }
  return navigator.credentials;
}

/**
 * Wait for a prompt of the browser.
 *
 * @throws the signal's reason after an abort; `PASSKEY_CANCELLED`; `PASSKEY_UNSUPPORTED` if the authenticator lacks the
 * asked ability.
 */
export async function prompted(
  prompt: Promise<Credential | null>,
  signal: AbortSignal | undefined,
): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await prompt;
  } catch (cause) {
    signal?.throwIfAborted();
    const name = (cause as Error | null)?.name;
    if (name === 'InvalidStateError') {
      throw new ZkpAuthError('PASSKEY_UNSUPPORTED', 'This authenticator has a passkey for this key already.');
    }
    const cancelled = name === 'NotAllowedError' || name === 'AbortError';
    throw new ZkpAuthError(cancelled ? 'PASSKEY_CANCELLED' : 'PASSKEY_UNSUPPORTED', undefined, { cause });
  }
  if (credential === null) throw new ZkpAuthError('PASSKEY_CANCELLED');
  return credential as PublicKeyCredential;
}

/** The passkeys among slots, in the form in which the browser requests or excludes them. */
export function descriptorsOf(slots: readonly LocalSlot[]): object[] {
  return slots.flatMap(({ passkeyId, transports }) =>
    passkeyId === null
      ? []
      : [{ type: 'public-key', id: passkeyId, ...(transports === undefined ? {} : { transports }) }],
  );
}

/** The PRF's output as a copy of 32 bytes, or `null` if there is none. */
export function prfOutputOf(credential: PublicKeyCredential): Uint8Array | null {
  const first = prfOf(credential)?.results?.first;
  if (first === undefined) return null;
  const view = ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
    : new Uint8Array(first);
  return view.length === 32 ? Uint8Array.from(view) : null;
}

export function prfOf(credential: PublicKeyCredential): PrfResults | undefined {
  return (credential.getClientExtensionResults() as { prf?: PrfResults }).prf;
}
