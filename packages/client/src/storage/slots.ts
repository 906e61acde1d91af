import { encodeBase64url, type PasskeySlot, type SecretSlot, type VaultSlot } from '@zkp-auth/core';
import type { LocalSlot } from './local-key.js';

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
