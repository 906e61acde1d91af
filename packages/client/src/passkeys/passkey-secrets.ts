import { constantTimeEqual, encodeBase64url, randomBytes } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';
import type { LocalSlot } from '../storage/local-key.js';
import type { PasskeySecret } from './get-passkey-secret.js';
import type * as passkeyPrompts from './passkey-prompts.js';
import type { PasskeyTools } from './passkey-tools.js';

/** @throws `NETWORK_ERROR` if the part cannot be fetched. */
export const loadPasskeyPrompts: () => Promise<typeof passkeyPrompts> = /* @__PURE__ */ loadPart(
  () => import('./passkey-prompts.js'),
);

/** The functions that the part gets as arguments. */
export const passkeyTools: PasskeyTools = { constantTimeEqual, encodeBase64url, randomBytes };

/** See `get-passkey-secret.ts`. */
export async function getPasskeySecret(
  slots: readonly LocalSlot[],
  signal: AbortSignal | undefined,
): Promise<PasskeySecret> {
  return (await loadPasskeyPrompts()).getPasskeySecret(passkeyTools, slots, signal);
}
