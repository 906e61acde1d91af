import {
  credentialIdOf,
  encodeBase64url,
  generateKeyPair,
  type JsonOf,
  type KeyPair,
  linkDeviceContext,
  type LinkDeviceParts,
  pinHashOf,
} from '@zkp-auth/core';
import type { RecoverResponse, RecoverStateResponse } from '@zkp-auth/core/recovery';
import { askWithPin, bytesOf, type PinRecord } from './pin-client.js';
import { type Attempt, prove } from './test-client.js';
import type { TestCalls } from './test-auth.js';

type Calls = { calls: Pick<TestCalls, 'challenge' | 'makeKit' | 'recover' | 'recoverState'> };

/** A device or a kit, with its key. */
export interface KeyHolder {
  userId: string;
  keys: KeyPair;
}

/** The changes that a test makes to an otherwise honest request with two proofs. */
export interface TwoProofs extends Attempt {
  newKeys?: KeyPair;
  /** Signs in the place of the new key. */
  signNewWith?: KeyPair;
  /** The parts of the context, if they are not those of the request. */
  parts?: LinkDeviceParts;
}

export function credentialIdOfKeys({ publicKey }: KeyPair): string {
  return credentialIdOf(publicKey);
}

/** The body of `POST {base}/kit`, and the kit that it makes. */
export async function kitRequest(
  auth: Calls,
  device: KeyHolder,
  attempt: TwoProofs = {},
): Promise<{ body: Record<string, unknown>; kit: KeyHolder }> {
  const newKeys = attempt.newKeys ?? generateKeyPair();
  const { userId, keys } = device;
  const subject = { purpose: 'link-device', userId, credentialId: credentialIdOfKeys(keys) };
  const issued = await auth.calls.challenge(subject);
  await attempt.meanwhile?.();
  const parts = attempt.parts ?? { flow: 'kit', newPublicKey: newKeys.publicKey };
  const body = twoProofs(device, { issued, newKeys, parts, attempt });
  return { body, kit: { userId, keys: newKeys } };
}

export async function makeKit(auth: Calls, device: KeyHolder, attempt?: TwoProofs): Promise<KeyHolder> {
  const { body, kit } = await kitRequest(auth, device, attempt);
  await auth.calls.makeKit(body, attempt?.facts);
  return kit;
}

/** The body of `POST {base}/recover`, and the record of the new device, under a PIN if one is given. */
export async function recoverRequest(
  auth: Calls,
  kit: KeyHolder,
  { pin, ...attempt }: TwoProofs & { pin?: string } = {},
): Promise<{ body: Record<string, unknown>; device: PinRecord }> {
  const { userId, keys } = kit;
  const newKeys = attempt.newKeys ?? generateKeyPair();
  const subject = { purpose: 'link-device', userId, credentialId: credentialIdOfKeys(keys) } as const;
  const asked =
    pin === undefined
      ? { ...(await auth.calls.challenge(subject)), output: '' }
      : await askWithPin(auth, subject, pin);
  await attempt.meanwhile?.();
  const pinId = asked.pin?.id;
  const parts = attempt.parts ?? {
    flow: 'recover',
    newPublicKey: newKeys.publicKey,
    ...(pinId === undefined ? {} : { newPinHash: pinHashOf(bytesOf(pinId)) }),
  };
  const body = {
    ...(pinId === undefined ? {} : { pin: { id: pinId } }),
    ...twoProofs(kit, { issued: asked, newKeys, parts, attempt }),
  };
  const credentialId = credentialIdOfKeys(newKeys);
  const device = { userId, keys: newKeys, credentialId, pinId: pinId ?? '', output: asked.output };
  return { body, device };
}

export async function recover(
  auth: Calls,
  kit: KeyHolder,
  attempt?: TwoProofs & { pin?: string },
): Promise<{ answer: JsonOf<RecoverResponse>; device: PinRecord }> {
  const { body, device } = await recoverRequest(auth, kit, attempt);
  return { answer: await auth.calls.recover(body, attempt?.facts), device };
}

/** Ask how far the recovery of a device is, under its PIN if one is given. */
export async function askState(
  auth: Calls,
  device: PinRecord,
  { pin, ...attempt }: Attempt & { pin?: string; parts?: LinkDeviceParts } = {},
): Promise<JsonOf<RecoverStateResponse>> {
  const { userId, keys, credentialId, pinId } = device;
  const subject = { purpose: 'link-device', userId, credentialId } as const;
  const issued =
    pin === undefined ? await auth.calls.challenge(subject) : await askWithPin(auth, subject, pin, pinId);
  const parts = attempt.parts ?? { flow: 'recover-state', newPublicKey: keys.publicKey };
  const proof = prove(keys, 'link-device', userId, issued, linkDeviceContext(parts), attempt);
  return auth.calls.recoverState({ ...proof, credentialId, ...attempt.claim });
}

function twoProofs(
  { userId, keys }: KeyHolder,
  made: {
    issued: { challengeId: string; challenge: string };
    newKeys: KeyPair;
    parts: LinkDeviceParts;
    attempt: TwoProofs;
  },
): Record<string, unknown> {
  const { issued, newKeys, parts, attempt } = made;
  const context = linkDeviceContext(parts);
  const { secretKey } = attempt.signNewWith ?? newKeys;
  const signer = { publicKey: newKeys.publicKey, secretKey };
  return {
    ...prove(attempt.keys ?? keys, 'link-device', userId, issued, context, attempt),
    credentialId: credentialIdOfKeys(keys),
    newPublicKey: encodeBase64url(newKeys.publicKey),
    newProof: prove(signer, 'link-device', userId, issued, context, attempt).proof,
    ...attempt.claim,
  };
}
