import { sha256 } from '#sha256';
import { isBytes, lengthPrefixed } from './bytes.js';
import { linkIdLength, pinHashLength, pinIdLength, publicKeyLength } from './lengths.js';

/** A SHA-256. */
const tokenHashLength = 32;

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
      /** A new device, by a token of the application. */
      flow: 'enrol';
      /** SHA-256 of the token's secret, 32 bytes. */
      tokenHash: Uint8Array;
      newPublicKey: Uint8Array;
      newPinHash?: Uint8Array | undefined;
    }
  | {
      /** `kit`: a new recovery kit. `recover-state`: a pending device that asks how far its recovery is. */
      flow: 'kit' | 'recover-state';
      newPublicKey: Uint8Array;
    };

/**
 * The context of purpose `link-device` (protocol section 2). The approver and the new key prove over the same context.
 *
 * @throws `TypeError` for a part of another length, such as a pinId in the place of its hash.
 */
export function linkDeviceContext(parts: LinkDeviceParts): Uint8Array {
  const { flow, newPublicKey } = parts;
  const newPinHash = flow === 'link' || flow === 'recover' || flow === 'enrol' ? parts.newPinHash : undefined;
  if (flow === 'link') assertLength(parts.linkId, linkIdLength, 'linkId');
  if (flow === 'enrol') assertLength(parts.tokenHash, tokenHashLength, 'tokenHash');
  assertLength(newPublicKey, publicKeyLength, 'newPublicKey');
  if (newPinHash !== undefined) assertLength(newPinHash, pinHashLength, 'newPinHash');
  const permit = flow === 'link' ? parts.linkId : flow === 'enrol' ? parts.tokenHash : undefined;
  return lengthPrefixed(flow, permit, newPublicKey, newPinHash, flow === 'kit' ? 'recovery' : 'device');
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
