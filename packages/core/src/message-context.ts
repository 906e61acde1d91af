import { sha256 } from '#sha256';
import { lengthPrefixed } from './bytes.js';
import { sha256Async } from './sha256-async.js';

// Contexts by purpose, protocol section 2. An absent part is LP("").

/** `publicKey` 32 bytes, `pinId` 16 raw bytes, `sessionKey` the 32-byte RFC 7638 thumbprint. */
export function registerContext(parts: {
  publicKey: Uint8Array;
  pinId?: Uint8Array | undefined;
  sessionKey?: Uint8Array | undefined;
}): Uint8Array {
  return lengthPrefixed(parts.publicKey, parts.pinId, parts.sessionKey);
}

/** `sessionKey`: the 32-byte RFC 7638 thumbprint. */
export function loginContext(parts: { sessionKey?: Uint8Array | undefined } = {}): Uint8Array {
  return lengthPrefixed(parts.sessionKey);
}

export interface ConfirmContextParts {
  action: string;
  /** The exact bytes that the server acts on. */
  payload: Uint8Array;
  /** The 32-byte RFC 7638 thumbprint. */
  sessionKey?: Uint8Array | undefined;
}

/** The context of a confirmation. */
export function confirmContext(parts: ConfirmContextParts): Uint8Array {
  return confirmContextOf({ ...parts, payloadHash: sha256(parts.payload) });
}

/** {@link confirmContext} with the SHA-256 of Web Crypto. */
export async function confirmContextAsync(parts: ConfirmContextParts): Promise<Uint8Array> {
  return confirmContextOf({ ...parts, payloadHash: await sha256Async(parts.payload) });
}

/** Like {@link confirmContext}, if the payload is hashed already. `payloadHash` is its SHA-256, 32 bytes. */
export function confirmContextOf(parts: {
  action: string;
  payloadHash: Uint8Array;
  sessionKey?: Uint8Array | undefined;
}): Uint8Array {
  return lengthPrefixed(parts.action, parts.payloadHash, parts.sessionKey);
}

/** Both 16 raw bytes. */
export function changePinContext(parts: {
  oldPinId?: Uint8Array | undefined;
  newPinId: Uint8Array;
}): Uint8Array {
  return lengthPrefixed(parts.oldPinId, parts.newPinId);
}

/** For `rotate-key`: `newPublicKey` 32 bytes, `newPinId` 16 raw bytes. */
export function newKeyContext(parts: {
  newPublicKey: Uint8Array;
  newPinId?: Uint8Array | undefined;
}): Uint8Array {
  return lengthPrefixed(parts.newPublicKey, parts.newPinId);
}
