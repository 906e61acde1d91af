import { maxBlobCharacters, normalizeUserId, withoutByteOrderMark, ZkpAuthError } from '@zkp-auth/core';
import { assertNewPin } from '../pins/assert-new-pin.js';
import type { LocalKey, SlotSecret } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';
import { enrolPin } from '../ceremony/enrol-pin.js';
import { listKeysOf } from '../ceremony/find-keys.js';
import { createPinAssistant } from '../ceremony/pin-assistant.js';
import { finishOpening } from '../ceremony/sign-in.js';
import { keepReturns, settleReturns } from '../ceremony/try-returns.js';
import { withTriesLeft } from '../ceremony/unlock.js';

export interface ImportKeyBlobWork {
  /** What opens the blob. */
  pin: string;
  passphrase: string | undefined;
  /** What this device will keep the key under. */
  newPin: string;
  replace: boolean;
}

/** See `ZkpAuthClient.importKeyBlob`. */
export async function importKeyBlob(
  context: Context,
  blob: string,
  userId: string,
  work: ImportKeyBlobWork,
): Promise<LocalKey> {
  const name = keyName(context, userId);
  const { pin, passphrase, newPin, replace } = work;
  const { version, credentialId: claimed } = read(blob);
  // One that opened a blob of this version was judged when it was chosen.
  if (newPin !== pin || passphrase !== undefined || version === 1) {
    await assertNewPin(newPin, context.pinPolicy);
  }
  return withUserLock(name, context.signal, async () => {
    const assistant = createPinAssistant(context, { purpose: 'confirm', userId });
    const secret: SlotSecret =
      passphrase === undefined
        ? { kind: 'pin', pin, assist: assistant.assist }
        : { kind: 'passphrase', passphrase };
    // Before a try is spent on it: what cannot be kept here need not be opened.
    if (typeof claimed === 'string')
      await refuseConflict(context, { userId, replace, credentialId: claimed });
    context.report('unlocking');
    const unlocked = await withTriesLeft(assistant, context.storage.importBlob(blob, secret, name));
    try {
      await keepReturns(context, name, { key: unlocked, tries: assistant.tries });
      context.signal?.throwIfAborted();
      await refuseConflict(context, { userId, replace, credentialId: unlocked.credentialId });
      if (assistant.answered !== null) {
        await finishOpening(context, userId, { unlocked, assistant });
        await settleReturns(context, name, assistant);
      }
      await enrolPin(context, unlocked, {
        userId,
        pin: newPin,
        oldPinId: null,
        seal: (wrapping) => context.storage.addSlot(unlocked, wrapping),
      });
      const key = await context.storage.saveKey(unlocked, { replace });
      await context.marker?.set(name);
      return key;
    } finally {
      unlocked.dispose();
    }
  });
}

async function refuseConflict(
  context: Context,
  { userId, replace, credentialId }: { userId: string; replace: boolean; credentialId: string },
): Promise<void> {
  if (replace) return;
  const keys = await listKeysOf(context, keyName(context, userId));
  if (keys.some((key) => key.credentialId !== credentialId)) throw new ZkpAuthError('KEY_CONFLICT');
}

/**
 * Whose key a blob claims to be, for the lock's name and the messages: the vault checks the blob whole.
 *
 * @throws `INVALID_KEY_BLOB`; `TypeError` for a first-generation blob without `userId`, because it names nobody.
 */
export function ownerOf(blob: string, userId: string | undefined): string {
  const content = read(blob);
  if (userId !== undefined) return normalizeUserId(userId);
  if (content['version'] === 1) throw new TypeError('a version 1 blob names no user: pass userId');
  try {
    return normalizeUserId(content['userId'] as string);
  } catch (cause) {
    throw new ZkpAuthError('INVALID_KEY_BLOB', undefined, { cause });
  }
}

function read(blob: string): Record<string, unknown> {
  if (typeof blob !== 'string') throw new TypeError('blob must be a string');
  if (blob.length > maxBlobCharacters)
    throw new ZkpAuthError('INVALID_KEY_BLOB', 'The key file is too large.');
  try {
    const content: unknown = JSON.parse(withoutByteOrderMark(blob));
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
  } catch (cause) {
    throw new ZkpAuthError('INVALID_KEY_BLOB', undefined, { cause });
  }
  throw new ZkpAuthError('INVALID_KEY_BLOB');
}
