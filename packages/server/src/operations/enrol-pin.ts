import { encodeBase64url } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { type DrawnPin, newPinOf } from './drawn-pin.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/**
 * Enrol what a challenge drew, if it drew anything, before the credential that it belongs to is created: a crash
 * between the two leaves a row that nobody uses, never a user without their PIN.
 */
export async function enrolPin(
  engine: Engine,
  drawn: DrawnPin | undefined,
  owner: { userId: string; credentialId: string },
  atMs: number,
): Promise<void> {
  if (drawn === undefined) return;
  await storeCall(requirePinAssistance(engine).store.enrol(newPinOf(drawn, owner, atMs)));
}

/** Undo {@link enrolPin}, where the credential was not created. */
export async function withdrawPin(engine: Engine, drawn: DrawnPin | undefined): Promise<void> {
  if (drawn === undefined) return;
  await storeCall(requirePinAssistance(engine).store.withdraw(encodeBase64url(drawn.pinHash)));
}
