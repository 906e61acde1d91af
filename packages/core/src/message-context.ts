import { sha256 } from '#sha256';
import { isBytes, lengthPrefixed } from './bytes.js';
import { linkIdLength, pinHashLength, pinIdLength, publicKeyLength } from './lengths.js';

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

/** `payload`: the exact bytes that the server acts on. */
export function confirmContext(parts: {
  action: string;
  payload: Uint8Array;
  sessionKey?: Uint8Array | undefined;
}): Uint8Array {
  return confirmContextOf({ ...parts, payloadHash: sha256(parts.payload) });
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

/**
 * The parts of a context of purpose `link-device`, by the act that the proof is for. `newPublicKey` is the key of the
 * new credential. A pin stands there as {@link pinHashOf}, because only the new device knows its pinId.
 */
export type LinkDeviceParts =
  | {
      /** A new device, by a link. */
      flow: 'link';
      /** 16 raw bytes. */
      linkId: Uint8Array;
      newPublicKey: Uint8Array;
      newPinHash?: Uint8Array | undefined;
    }
  | {
      /** A new device, by a recovery kit. */
      flow: 'recover';
      newPublicKey: Uint8Array;
      newPinHash?: Uint8Array | undefined;
    }
  | {
      /** `kit`: a new recovery kit. `recover-state`: a pending device that asks how far its recovery is. */
      flow: 'kit' | 'recover-state';
      newPublicKey: Uint8Array;
    };

/**
 * For `link-device`. The approver and the new key prove over the same context.
 *
 * @throws `TypeError` for a part of another length, such as a pinId in the place of its hash.
 */
export function linkDeviceContext(parts: LinkDeviceParts): Uint8Array {
  const { flow, newPublicKey } = parts;
  const linkId = flow === 'link' ? parts.linkId : undefined;
  const newPinHash = flow === 'link' || flow === 'recover' ? parts.newPinHash : undefined;
  if (flow === 'link') assertLength(linkId, linkIdLength, 'linkId');
  assertLength(newPublicKey, publicKeyLength, 'newPublicKey');
  if (newPinHash !== undefined) assertLength(newPinHash, pinHashLength, 'newPinHash');
  return lengthPrefixed(flow, linkId, newPublicKey, newPinHash, flow === 'kit' ? 'recovery' : 'device');
}

/** The SHA-256 of a pinId, 32 bytes. It stands for the pinId in every place that must not learn the pinId. */
export function pinHashOf(pinId: Uint8Array): Uint8Array {
  assertLength(pinId, pinIdLength, 'pinId');
  return sha256(pinId);
}

function assertLength(bytes: unknown, length: number, name: string): void {
  if (!isBytes(bytes) || bytes.length !== length)
    throw new TypeError(`${name} must be a Uint8Array of ${length} bytes`);
}
