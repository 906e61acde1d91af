import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import assert from 'node:assert/strict';
import { encodeBase64url, encodeUtf8 } from '@zkp-auth/core';
import { post } from './http-answer.js';
import { HttpVisitor } from './http-visitor.js';
import { newSessionKey } from './session-key.js';

/**
 * The `pin` of a challenge request. It is some blinded PIN, under the given pinId, or under one that the server
 * draws.
 */
export function pinQuestion(id?: string): { id?: string; blinded: string } {
  const { blinded } = ristretto255_oprf.oprf.blind(encodeUtf8('493817'));
  return { ...(id === undefined ? {} : { id }), blinded: encodeBase64url(blinded) };
}

/** Register a visitor with a PIN. */
export async function signUpWithPin(
  url: string,
  userId: string,
): Promise<{ visitor: HttpVisitor; pinId: string }> {
  const visitor = new HttpVisitor(url, userId, await newSessionKey());
  const { credentialId } = visitor;
  const question = { purpose: 'register', userId, credentialId, pin: pinQuestion() };
  const asked = await post(url, '/auth/challenge', question);
  assert.equal(asked.status, 200, asked.text);
  const pinId = asked.json.pin.id as string;
  const answer = await visitor.signUp(asked.json);
  assert.equal(answer.status, 201, answer.text);
  return { visitor, pinId };
}
