import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import {
  changePinContext,
  type ChallengeResponse,
  credentialIdOf,
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  generateKeyPair,
  type JsonOf,
  type KeyPair,
  loginContext,
  newKeyContext,
  type PinAnswer,
  type Purpose,
  registerContext,
  type SessionResponse,
} from '@zkp-auth/core';
import { prove } from './test-client.js';
import type { TestAuth, TestCalls } from './test-auth.js';

/** A key record with a PIN. An honest client keeps it, and a thief copies it. */
export interface PinRecord {
  userId: string;
  keys: KeyPair;
  credentialId: string;
  /** As text, from the answer with the new pinId. */
  pinId: string;
  /** The OPRF's output for the right PIN, 64 bytes in hex. */
  output: string;
}

export const bytesOf = (text: string): Uint8Array => decodeBase64url(text) as Uint8Array;

/** Blind a PIN by the independent implementation of @noble/curves. */
export function blindPin(pin: string): { blinded: string; finalize(evaluated: string): string } {
  const input = encodeUtf8(pin);
  const { blind, blinded } = ristretto255_oprf.oprf.blind(input);
  return {
    blinded: encodeBase64url(blinded),
    finalize: (evaluated) =>
      Buffer.from(ristretto255_oprf.oprf.finalize(input, blind, bytesOf(evaluated))).toString('hex'),
  };
}

/** Ask for a challenge with a PIN, under `id` or under a pinId that the server draws. */
export async function askWithPin(
  auth: { calls: Pick<TestCalls, 'challenge'> },
  subject: { purpose: Purpose; userId: string; credentialId: string },
  pin: string,
  id?: string,
): Promise<JsonOf<ChallengeResponse> & { pin: JsonOf<PinAnswer>; output: string }> {
  const { blinded, finalize } = blindPin(pin);
  const answer = await auth.calls.challenge({
    ...subject,
    pin: id === undefined ? { blinded } : { id, blinded },
  });
  if (answer.pin === undefined) throw new Error('an answer without a pin');
  return { ...answer, pin: answer.pin, output: finalize(answer.pin.evaluated) };
}

export async function registerWithPin(
  auth: { calls: Pick<TestCalls, 'challenge' | 'register'> },
  userId: string,
  pin: string,
  claim: Record<string, unknown> = {},
): Promise<PinRecord> {
  const keys = generateKeyPair();
  const { publicKey } = keys;
  const credentialId = credentialIdOf(publicKey);
  const asked = await askWithPin(auth, { purpose: 'register', userId, credentialId }, pin);
  const context = registerContext({ publicKey, pinId: bytesOf(asked.pin.id) });
  await auth.calls.register({
    ...prove(keys, 'register', userId, asked, context),
    publicKey: encodeBase64url(publicKey),
    pin: { id: asked.pin.id },
    ...claim,
  });
  return { userId, keys, credentialId, pinId: asked.pin.id, output: asked.output };
}

/** Make a guess. Gives the OPRF's output, and the number of tries that are left. */
export async function guess(
  auth: { calls: Pick<TestCalls, 'challenge'> },
  record: Pick<PinRecord, 'userId' | 'credentialId' | 'pinId'>,
  pin: string,
  purpose: Purpose = 'login',
): Promise<{ output: string; attemptsLeft: number }> {
  const { userId, credentialId, pinId } = record;
  const { output, pin: answer } = await askWithPin(auth, { purpose, userId, credentialId }, pin, pinId);
  return { output, attemptsLeft: answer.attemptsLeft };
}

/** Sign in as an honest client with the right PIN. */
export async function loginWithPin(
  auth: { calls: Pick<TestCalls, 'challenge' | 'verify'> },
  record: PinRecord,
  pin: string,
): Promise<{ session: SessionResponse; attemptsLeft: number }> {
  const { userId, keys, credentialId, pinId } = record;
  const asked = await askWithPin(auth, { purpose: 'login', userId, credentialId }, pin, pinId);
  if (asked.output !== record.output) throw new Error('wrong PIN');
  const session = await auth.calls.verify({
    ...prove(keys, 'login', userId, asked, loginContext()),
    credentialId,
  });
  return { session, attemptsLeft: asked.pin.attemptsLeft };
}

/** The body of `POST {base}/pin`, and the record that it makes. */
export async function pinChange(
  auth: TestAuth,
  record: PinRecord,
  pin: string,
  change: { keep?: boolean; claim?: Record<string, unknown> } = {},
): Promise<{ body: Record<string, unknown>; record: PinRecord }> {
  const { userId, keys, credentialId } = record;
  const asked = await askWithPin(auth, { purpose: 'change-pin', userId, credentialId }, pin);
  const old = change.keep === true ? {} : { oldPinId: record.pinId };
  const context = changePinContext({
    ...(old.oldPinId === undefined ? {} : { oldPinId: bytesOf(old.oldPinId) }),
    newPinId: bytesOf(asked.pin.id),
  });
  return {
    body: {
      ...prove(keys, 'change-pin', userId, asked, context),
      credentialId,
      ...old,
      newPinId: asked.pin.id,
      ...change.claim,
    },
    record: { ...record, pinId: asked.pin.id, output: asked.output },
  };
}

/** The body of `POST {base}/rotate-key`, and the record that it makes. */
export async function keyRotation(
  auth: TestAuth,
  record: Pick<PinRecord, 'userId' | 'keys' | 'credentialId'>,
  pin: string | undefined,
  change: { keys?: KeyPair; signNewWith?: KeyPair; claim?: Record<string, unknown> } = {},
): Promise<{ body: Record<string, unknown>; record: PinRecord }> {
  const { userId, keys, credentialId } = record;
  const newKeys = change.keys ?? generateKeyPair();
  const subject = { purpose: 'rotate-key', userId, credentialId } as const;
  const asked =
    pin === undefined
      ? { ...(await auth.calls.challenge(subject)), output: '' }
      : await askWithPin(auth, subject, pin);
  const context = newKeyContext({
    newPublicKey: newKeys.publicKey,
    ...(asked.pin === undefined ? {} : { newPinId: bytesOf(asked.pin.id) }),
  });
  const signer = { publicKey: newKeys.publicKey, secretKey: (change.signNewWith ?? newKeys).secretKey };
  return {
    body: {
      ...prove(keys, 'rotate-key', userId, asked, context),
      credentialId,
      newPublicKey: encodeBase64url(newKeys.publicKey),
      newProof: prove(signer, 'rotate-key', userId, asked, context).proof,
      ...(asked.pin === undefined ? {} : { pin: { id: asked.pin.id } }),
      ...change.claim,
    },
    record: {
      userId,
      keys: newKeys,
      credentialId: credentialIdOf(newKeys.publicKey),
      pinId: asked.pin?.id ?? '',
      output: asked.output,
    },
  };
}
