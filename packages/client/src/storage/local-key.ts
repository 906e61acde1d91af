import {
  decodeBase64url,
  encodeBase64url,
  formatTryReturn,
  type JsonOf,
  parseTryReturn,
  type PasskeySlot,
  pinIdLength,
  type SecretSlot,
  type TryReturn,
  type VaultSlot,
} from '@zkp-auth/core';

/** The name of a key, which is one user at one server. */
export interface KeyName {
  /** Normalized, see `normalizeUserId` of core. */
  userId: string;
  /** Origin of the server. */
  audience: string;
}

/** A proof that gives back a try of a PIN slot. It is kept until the server has given the try back. */
export interface KeptReturn extends TryReturn {
  /** The id of the slot's PIN, 16 bytes. */
  pinId: Uint8Array;
}

/** The members of a stored key that are readable without opening it. */
export interface LocalKey extends KeyName {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** `pending` as long as the client has no answer of the server that accepts the key. */
  state: 'active' | 'pending';
  /** The time of the server's last answer that accepted its PIN slot, ISO 8601, or `null` if that is not known. */
  pinRenewedAt: string | null;
  /**
   * Whether it came from a first-generation blob. An attacker can guess at copies of that blob until the key is
   * replaced.
   */
  mustRotate: boolean;
  /** The name of this device's sign-ins, if the person gave one with the import of the key; default none. */
  deviceName?: string;
  /**
   * Whether a PIN slot is sealed under the first form of its PIN. The next login with that PIN renews it. Default
   * false.
   */
  oldPinForm?: boolean;
}

/** One way to open a key. */
export interface LocalSlot {
  id: string;
  kind: 'pin' | 'passphrase' | 'passkey';
  /** 16 bytes, for a PIN slot that opens with the server's help. */
  pinId: Uint8Array | null;
  /** The credential id of the passkey, for a passkey slot. */
  passkeyId: Uint8Array | null;
  /** The input of the PRF, 32 bytes, for a passkey slot. */
  salt: Uint8Array | null;
  /** The transports of the passkey in WebAuthn's terms, for a passkey slot, if they are known. */
  transports?: readonly string[];
}

/** A return in its stored form, as JSON. */
export function formatKeptReturn({ pinId, ...kept }: KeptReturn): JsonOf<KeptReturn> {
  return { pinId: encodeBase64url(pinId), ...formatTryReturn(kept) };
}

/** `null` for any value that {@link formatKeptReturn} did not make. */
export function parseKeptReturn(value: unknown): KeptReturn | null {
  const kept = parseTryReturn(value);
  const pinId = decodeBase64url((value as { pinId?: unknown } | null)?.pinId, pinIdLength);
  return kept === null || pinId === null ? null : { pinId, ...kept };
}

/** A slot of a kind that this version opens. */
export type KnownSlot = SecretSlot | PasskeySlot;

/**
 * A slot's name within its record. It is the slot's iv, which is drawn for every wrapping. A slot of an unknown kind
 * has no name.
 */
export function slotIdOf(slot: VaultSlot): string | null {
  return slot.kind === 'unknown' ? null : encodeBase64url(slot.iv);
}

export function isSlot(slot: VaultSlot, kind: LocalSlot['kind']): boolean {
  return slot.kind === kind;
}

/** The public members of the slots that this version opens. */
export function localSlots({ slots }: { slots: VaultSlot[] }): LocalSlot[] {
  return slots.filter((slot): slot is KnownSlot => slot.kind !== 'unknown').map(localSlotOf);
}

export function localSlotOf(slot: KnownSlot): LocalSlot {
  const isPasskey = slot.kind === 'passkey';
  return {
    id: encodeBase64url(slot.iv),
    kind: slot.kind,
    pinId: isPasskey ? null : slot.pinId,
    passkeyId: isPasskey ? slot.passkeyId : null,
    salt: isPasskey ? slot.salt : null,
    ...(isPasskey && slot.transports !== undefined ? { transports: slot.transports } : {}),
  };
}
