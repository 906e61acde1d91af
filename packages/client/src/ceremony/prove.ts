import type { ChallengeResponse, OpenKeyRequest } from '@zkp-auth/core';
import type { IssuedChallenge, ProofRequest, UnlockedKey } from '../vault/key-storage.js';
import type { Context } from './context.js';

/** What is asked of a key, without the challenge. */
export type Asked<Request = ProofRequest> = Request extends unknown
  ? Omit<Request, keyof IssuedChallenge>
  : never;

/** Have an open key prove one thing, bound to this page, this server, this user and this challenge. */
export async function prove(
  { endpoint, report }: Context,
  key: UnlockedKey,
  { userId, challenge, asked }: { userId: string; challenge: ChallengeResponse; asked: Asked },
): Promise<OpenKeyRequest> {
  const { origin, audience } = endpoint;
  const { challengeId } = challenge;
  const { credentialId } = key;
  report('proving');
  const request: ProofRequest = { ...asked, challengeId, challenge: challenge.challenge };
  const proof = await key.prove(request, origin);
  return { userId, credentialId, challengeId, origin, audience, proof };
}
