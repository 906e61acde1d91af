import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, lengthPrefixed } from './bytes.js';

// Contexts by purpose, protocol section 2. An absent part is LP("").

/** `publicKey` 32 bytes, `pinId` 16 raw bytes, `sessionKey` the 32-byte RFC 7638 thumbprint. */
export function registerContext(parts: {
  publicKey: Uint8Array;
  pinId?: Uint8Array;
  sessionKey?: Uint8Array;
}): Uint8Array {
  return joined(parts.publicKey, parts.pinId, parts.sessionKey);
}

/** `sessionKey`: the 32-byte RFC 7638 thumbprint. */
export function loginContext(parts: { sessionKey?: Uint8Array } = {}): Uint8Array {
  return joined(parts.sessionKey);
}

/** `payload`: the exact bytes that the server acts on. */
export function confirmContext(parts: {
  action: string;
  payload: Uint8Array;
  sessionKey?: Uint8Array;
}): Uint8Array {
  return joined(parts.action, sha256(parts.payload), parts.sessionKey);
}

/** Both 16 raw bytes. */
export function changePinContext(parts: { oldPinId?: Uint8Array; newPinId: Uint8Array }): Uint8Array {
  return joined(parts.oldPinId, parts.newPinId);
}

/** For `rotate-key` and `link-device`: `newPublicKey` 32 bytes, `newPinId` 16 raw bytes. */
export function newKeyContext(parts: { newPublicKey: Uint8Array; newPinId?: Uint8Array }): Uint8Array {
  return joined(parts.newPublicKey, parts.newPinId);
}

function joined(...parts: (Uint8Array | string | undefined)[]): Uint8Array {
  return concatBytes(...parts.map((part) => lengthPrefixed(part ?? '')));
}
