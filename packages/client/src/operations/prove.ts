import { type ChallengeResponse, encodeBase64url } from '@zkp-auth/core';
import type { IssuedChallenge, ProofRequest, UnlockedKey } from '../storage/key-storage.js';
import type { Context } from './context.js';

/** The members that every request with a proof carries. */
export interface ProvenFields {
  userId: string;
  challengeId: string;
  origin: string;
  audience: string;
  proof: string;
}

/** What is asked of a key, without the challenge. */
export type Asked<Request = ProofRequest> = Request extends unknown
  ? Omit<Request, keyof IssuedChallenge>
  : never;

/** Have an open key prove one thing, bound to this page, this server, this user and this challenge. */
export async function prove(
  { endpoint, report }: Context,
  key: UnlockedKey,
  { userId, challenge, asked }: { userId: string; challenge: ChallengeResponse; asked: Asked },
): Promise<ProvenFields> {
  const { origin, audience } = endpoint;
  const { challengeId } = challenge;
  report('proving');
  const request: ProofRequest = { ...asked, challengeId, challenge: challenge.challenge };
  return { userId, challengeId, origin, audience, proof: encodeBase64url(await key.prove(request, origin)) };
}
