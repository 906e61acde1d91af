import {
  constantTimeEqual,
  encodeUtf8,
  type ErrorCode,
  type PasskeySlot,
  publicKeyOf,
  type SecretSlot,
  slotAdditionalData,
  type VaultRecord,
  type VersionOneBlob,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import { normalizePin } from '../pins/pin.js';
import { pinInputs } from '../pins/pin-form.js';
import type { SlotSecret } from './key-storage.js';
import { gcm, subtleCrypto } from './subtle-crypto.js';
import type { KnownSlot } from '../storage/local-key.js';
import { deriveKey } from './derive-key.js';
import { passkeyWrappingKey } from './passkey-wrapping-key.js';
import type { UnansweredQuestions } from './blind-pin.js';

/** A slot that opens only with the server's help. */
type AssistedSlot = SecretSlot & { pinId: Uint8Array };
type PinSecret = Extract<SlotSecret, { kind: 'pin' }>;

/** The context in which a PIN slot is opened. */
export interface OpenPinWork {
  /** Called with the PIN slot that the server knows, after it has opened. Its failure changes nothing. */
  onKnown: (slot: SecretSlot) => Promise<void>;
  questions: UnansweredQuestions;
}

/**
 * Open a record with the slot that fits the secret.
 *
 * @returns the secret key, 32 bytes, checked against the record's public key. Wipe it after use.
 * @throws `SLOT_NOT_FOUND`, `DECRYPTION_FAILED`, and the errors of the assistance.
 */
export async function openRecord(
  record: VaultRecord,
  secret: SlotSecret,
  work: OpenPinWork,
): Promise<Uint8Array> {
  if (secret.kind === 'pin') return openWithPin(record, secret, work);
  if (secret.kind === 'passphrase') {
    const password = normalizePin(secret.passphrase);
    const slots = record.slots.filter((slot): slot is SecretSlot => slot.kind === 'passphrase');
    return openFirst(record, slots, ({ kdf }) => deriveKey(encodeUtf8(password), kdf));
  }
  const { passkeyId, prfOutput } = secret;
  const slots = record.slots.filter(
    (slot): slot is PasskeySlot => slot.kind === 'passkey' && constantTimeEqual(slot.passkeyId, passkeyId),
  );
  return openFirst(record, slots, () => passkeyWrappingKey(prfOutput));
}

/** Open a first-generation key. It has no additional data, and uses the PIN's bytes as they were typed. */
export async function openVersionOne(blob: VersionOneBlob, pin: string): Promise<Uint8Array> {
  const key = await deriveKey(encodeUtf8(pin), { m: 65_536, t: 3, p: 1, salt: blob.salt });
  const secretKey = await decrypt(key, gcm(blob.iv), blob.ct);
  return checked(blob.publicKey, secretKey) ?? fail();
}

/**
 * Try the newest slot first. After an interrupted change of the PIN, only the server knows whether the change arrived.
 * The server refuses an id that it does not know. If it answers for an id, that slot is the valid one, and no other
 * slot is tried.
 */
async function openWithPin(record: VaultRecord, secret: PinSecret, work: OpenPinWork): Promise<Uint8Array> {
  const slots = record.slots.filter((slot): slot is SecretSlot => slot.kind === 'pin').toReversed();
  const local = slots.filter(({ pinId }) => pinId === null);
  const assisted = slots.filter((slot): slot is AssistedSlot => slot.pinId !== null);
  if (slots.length === 0) throw new ZkpAuthError('SLOT_NOT_FOUND');
  for (const [index, slot] of assisted.entries()) {
    const isLast = index === assisted.length - 1 && local.length === 0;
    const opened = await openInForms(record, slot, secret, { isLast, ...work });
    if (opened === undefined) continue;
    if (opened !== null) return opened;
    throw slots.length === 1 ? new ZkpAuthError('DECRYPTION_FAILED') : settled(index === 0);
  }
  const tries = local.flatMap((slot) =>
    pinInputs(secret.pin, slot.pinForm).map((input) => ({ ...slot, input })),
  );
  return tries.length === 0
    ? fail()
    : openFirst(record, tries, ({ kdf, input }) => deriveKey(encodeUtf8(input), kdf));
}

/**
 * As `openAssisted`, for each form that the slot may have. If the server has answered for a slot, it knows that slot.
 */
async function openInForms(
  record: VaultRecord,
  slot: AssistedSlot,
  secret: PinSecret,
  { isLast, ...work }: OpenPinWork & { isLast: boolean },
): Promise<Uint8Array | null | undefined> {
  for (const [index, pin] of pinInputs(secret.pin, slot.pinForm).entries()) {
    const options = { isLast: isLast || index > 0, ...work };
    const opened = await openAssisted(record, slot, { ...secret, pin }, options);
    if (opened !== null) return opened;
  }
  return null;
}

/**
 * The secret key, or `null` if the PIN is wrong, or `undefined` if the server does not know the slot. The PIN is in the
 * form of the slot.
 */
async function openAssisted(
  record: VaultRecord,
  slot: AssistedSlot,
  secret: PinSecret,
  { isLast, onKnown, questions }: OpenPinWork & { isLast: boolean },
): Promise<Uint8Array | null | undefined> {
  try {
    const password = await askAbout(record, slot, secret, questions);
    const secretKey = await open(record, slot, await deriveKey(password, slot.kdf));
    // Until the slot has opened, only the server says that it is valid. So the other slots are kept.
    if (secretKey !== null) await onKnown(slot).catch(() => undefined);
    return secretKey;
  } catch (error) {
    if (isCode(error, 'PIN_LOCKED') && !isLast) return undefined;
    throw error;
  }
}

/**
 * Ask the server to evaluate the PIN for a slot. If the answer is lost, the question is kept, and the server answers it
 * again for the same try.
 *
 * @returns the password of the slot, 64 bytes.
 */
async function askAbout(
  { credentialId }: VaultRecord,
  { pinId }: AssistedSlot,
  { pin, assist }: PinSecret,
  questions: UnansweredQuestions,
): Promise<Uint8Array> {
  if (assist === null) throw new TypeError('this key opens with the help of the server only');
  const entered = await questions.take(pinId, pin);
  let evaluated: Uint8Array;
  try {
    ({ evaluated } = await assist({ credentialId, pinId, blinded: entered.blinded }));
  } catch (error) {
    if (isCode(error, 'PIN_WAIT') || isCode(error, 'PIN_LOCKED')) entered.dispose();
    else questions.keep(pinId, entered);
    throw error;
  }
  try {
    return await entered.finalize(evaluated);
  } finally {
    entered.dispose();
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof ZkpAuthError && error.code === code;
}

/** The error for a wrong PIN after an interrupted change of the PIN. The server has said which PIN it knows. */
function settled(changed: boolean): ZkpAuthError {
  const outcome = changed ? 'went through: the new' : 'did not go through: the old';
  const message = `The PIN does not open the key. Its interrupted change ${outcome} PIN counts.`;
  const reason = changed ? 'new-pin-counts' : 'old-pin-counts';
  return new ZkpAuthError('DECRYPTION_FAILED', message, { reason });
}

async function openFirst<Slot extends KnownSlot>(
  record: VaultRecord,
  slots: readonly Slot[],
  keyOf: (slot: Slot) => Promise<CryptoKey>,
): Promise<Uint8Array> {
  if (slots.length === 0) throw new ZkpAuthError('SLOT_NOT_FOUND');
  for (const slot of slots) {
    const secretKey = await open(record, slot, await keyOf(slot));
    if (secretKey !== null) return secretKey;
  }
  return fail();
}

async function open(record: VaultRecord, slot: KnownSlot, key: CryptoKey): Promise<Uint8Array | null> {
  return checked(
    record.publicKey,
    await decrypt(key, gcm(slot.iv, slotAdditionalData(record, slot)), slot.ct),
  );
}

async function decrypt(key: CryptoKey, parameters: AesGcmParams, ct: Uint8Array): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await subtleCrypto().decrypt(parameters, key, ct as BufferSource));
  } catch {
    return null;
  }
}

/** The secret key, if it belongs to the public key. */
function checked(publicKey: Uint8Array, secretKey: Uint8Array | null): Uint8Array | null {
  if (secretKey === null) return null;
  try {
    if (constantTimeEqual(publicKeyOf(secretKey), publicKey)) return secretKey;
  } catch {
    // The bytes are not a key of ours. They are not 32 bytes long, or out of range.
  }
  wipe(secretKey);
  return null;
}

function fail(): never {
  throw new ZkpAuthError('DECRYPTION_FAILED');
}
