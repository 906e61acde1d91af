import {
  credentialIdOf,
  encodeBase64url,
  generateKeyPair,
  linkDeviceContext,
  pinHashOf,
} from '@zkp-auth/core';
import { enrolmentHashOf, parseEnrolmentToken } from '@zkp-auth/core/recovery';
import { askWithPin, bytesOf, type PinRecord } from './pin-client.js';
import type { TwoProofs } from './recovery-client.js';
import { prove } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const pin = '493817';

/** The body of `POST {base}/enrol`, and the record of the new device. */
export async function enrolRequest(
  auth: TestAuth,
  token: string,
  attempt: TwoProofs & { userId?: string } = {},
): Promise<{ body: Record<string, unknown>; device: PinRecord }> {
  const { userId, secret } = { ...parseEnrolmentToken(token), ...attempt };
  const keys = attempt.newKeys ?? generateKeyPair();
  const { publicKey } = keys;
  const credentialId = credentialIdOf(publicKey);
  const asked = await askWithPin(auth, { purpose: 'link-device', userId, credentialId }, pin);
  const pinId = asked.pin.id;
  const parts = attempt.parts ?? {
    flow: 'enrol',
    tokenHash: enrolmentHashOf(secret),
    newPublicKey: publicKey,
    newPinHash: pinHashOf(bytesOf(pinId)),
  };
  const signer = { publicKey, secretKey: (attempt.keys ?? keys).secretKey };
  return {
    body: {
      ...prove(signer, 'link-device', userId, asked, linkDeviceContext(parts), attempt),
      publicKey: encodeBase64url(publicKey),
      secret: encodeBase64url(secret),
      pin: { id: pinId },
      ...attempt.claim,
    },
    device: { userId, keys, credentialId, pinId, output: asked.output },
  };
}
