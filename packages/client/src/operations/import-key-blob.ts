import { maxBlobCharacters, normalizeUserId, withoutByteOrderMark, ZkpAuthError } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { Ceremony } from '../ceremony/ceremony.js';
import { enrolPin } from '../ceremony/enrol-pin.js';
import { listKeysOf } from '../ceremony/find-keys.js';
import { forgettingPasskeys } from '../ceremony/forget-passkeys.js';
import { proveOpen } from '../ceremony/prove-open.js';
import { withUserLock } from '../locks/with-lock.js';
import { loadNewPins } from '../pins/load-new-pins.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import { assertDeviceName } from '../ceremony/sign-in.js';
import type { SlotSecret } from '../vault/key-storage.js';

/** The parsed claims of a key blob. The vault checks the blob completely, and does not rely on them. */
export interface ClaimedBlob {
  text: string;
  userId: string;
  version: unknown;
  credentialId: unknown;
}

export interface ImportKeyBlobWork {
  /** The PIN that opens the blob. */
  pin: string;
  passphrase: string | undefined;
  /** The PIN under which this device will keep the key. */
  newPin: string;
  replace: boolean;
  /** The name of this device's sign-ins, if the person gave one. */
  deviceName: string | undefined;
}

/** See `ZkpAuthClient.importKeyBlob`. */
export async function importKeyBlob(
  call: Call,
  blob: ClaimedBlob,
  { pin, passphrase, newPin, replace, deviceName }: ImportKeyBlobWork,
): Promise<LocalKey> {
  assertDeviceName(deviceName);
  const { userId } = blob;
  const name = call.nameOf(userId);
  // A PIN that opened a blob of this version was checked when the person chose it.
  if (newPin !== pin || passphrase !== undefined || blob.version === 1) {
    const { assertNewPin } = await loadNewPins();
    assertNewPin(newPin, call.pinPolicy);
  }
  return withUserLock(name, call.signal, async () => {
    const ceremony = new Ceremony(call, { purpose: 'confirm', name });
    const secret: SlotSecret =
      passphrase === undefined
        ? { kind: 'pin', pin, assist: ceremony.assist }
        : { kind: 'passphrase', passphrase };
    // This comes before the import spends a try. If the key cannot be kept here, it need not be opened.
    if (!replace && typeof blob.credentialId === 'string')
      await refuseConflict(call, name, blob.credentialId);
    call.report('unlocking');
    const unlocked = await ceremony.opened(call.storage.importBlob(blob.text, secret, name));
    try {
      if (!replace) await refuseConflict(call, name, unlocked.credentialId);
      if (ceremony.pin !== null) await proveOpen(ceremony, unlocked);
      const enrolment = new Ceremony(call, { purpose: 'change-pin', name });
      await call.storage.addSlot(unlocked, { kind: 'pin', pin: newPin, assist: enrolment.assistNew });
      await enrolPin(enrolment, unlocked, { oldPinId: null });
      const key = await forgettingPasskeys(call, () =>
        call.storage.saveKey(unlocked, { replace, deviceName }),
      );
      await call.marker?.set(name);
      return key;
    } finally {
      unlocked.dispose();
    }
  });
}

async function refuseConflict(call: Call, name: KeyName, credentialId: string): Promise<void> {
  const keys = await listKeysOf(call, name);
  if (keys.some((key) => key.credentialId !== credentialId)) throw new ZkpAuthError('KEY_CONFLICT');
}

/**
 * Read the user that a blob claims, for the lock's name and the messages.
 *
 * @throws `INVALID_KEY_BLOB`; `TypeError` for a first-generation blob without `userId`, because such a blob contains no
 * user.
 */
export function claimOf(text: string, userId: string | undefined): ClaimedBlob {
  const content = read(text);
  const { version, credentialId } = content;
  const owner = userId === undefined ? ownerOf(content) : normalizeUserId(userId);
  return { text, userId: owner, version, credentialId };
}

function ownerOf(content: Record<string, unknown>): string {
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
