import { wipe, ZkpAuthError } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { getPasskeySecret } from '../passkeys/passkey-secrets.js';
import type { KeyUse, LocalKey, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import type { Context } from './context.js';
import type { PinAssistant } from './pin-assistant.js';
import { keepReturns } from './try-returns.js';

/** Open a key with its PIN or a passkey. Whoever gets it disposes of it. */
export async function unlock(
  context: Context,
  key: LocalKey,
  { unlockWith, assistant, use }: { unlockWith: UnlockWith; assistant: PinAssistant; use: KeyUse },
): Promise<UnlockedKey> {
  const secret: SlotSecret =
    typeof unlockWith === 'string'
      ? { kind: 'pin', pin: unlockWith, assist: assistant.assist }
      : await askPasskey(context, key);
  context.report('unlocking');
  const opening = context.storage
    .unlock(key, key.credentialId, secret, use)
    .finally(() => wipeSecret(secret));
  const unlocked = await withTriesLeft(assistant, opening);
  await keepReturns(context, key, { key: unlocked, tries: assistant.tries });
  if (context.signal?.aborted === true) unlocked.dispose();
  context.signal?.throwIfAborted();
  return unlocked;
}

/** What the page held of a passkey's secret. */
export function wipeSecret(secret: SlotSecret): void {
  if (secret.kind === 'passkey') wipe(secret.prfOutput);
}

/** Add to a wrong PIN's error how many tries remain. */
export async function withTriesLeft<T>(assistant: PinAssistant, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!hasCode(error, 'DECRYPTION_FAILED') || assistant.answered === null) throw error;
    const { attemptsLeft } = assistant.answered.pin;
    throw new ZkpAuthError(error.code, error.message, { cause: error, attemptsLeft });
  }
}

async function askPasskey(context: Context, key: LocalKey): Promise<SlotSecret> {
  const slots = await context.storage.listSlots(key, key.credentialId);
  return getPasskeySecret(slots, context.signal);
}
