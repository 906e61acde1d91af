import { constantTimeEqual, encodeBase64url, randomBytes } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';
import type { LocalSlot } from '../storage/local-key.js';
import type { PasskeySecret } from './get-passkey-secret.js';
import type * as passkeyPrompts from './passkey-prompts.js';

type Options = Parameters<typeof passkeyPrompts.createPasskeySecret>[1];

/** @throws `NETWORK_ERROR` if the part cannot be fetched. */
export const loadPasskeyPrompts: () => Promise<typeof passkeyPrompts> = /* @__PURE__ */ loadPart(
  () => import('./passkey-prompts.js'),
);

const tools = { constantTimeEqual, encodeBase64url, randomBytes };

/** See `create-passkey-secret.ts`. */
export async function createPasskeySecret(options: Options): Promise<PasskeySecret> {
  return (await loadPasskeyPrompts()).createPasskeySecret(tools, options);
}

/** See `get-passkey-secret.ts`. */
export async function getPasskeySecret(
  slots: readonly LocalSlot[],
  signal: AbortSignal | undefined,
): Promise<PasskeySecret> {
  return (await loadPasskeyPrompts()).getPasskeySecret(tools, slots, signal);
}
