import { encodeBase64url, enrolmentSecretLength, ZkpAuthError } from '@zkp-auth/core';
import { enrolmentHashOf, formatEnrolmentToken } from '@zkp-auth/core/recovery';
import { checkedInteger } from '../checked-integer.js';
import { drawRandom } from '../draw-random.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** Leave for one new device of a user, as an operator sees it. */
export interface GrantSummary {
  /** Names it for `withdrawEnrolment`. Nobody enrols with it. */
  grantId: string;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  expiresAtMs: number;
}

/** A grant, with the token that the application sends. The server keeps only a hash of it, and gives it once. */
export interface GrantedEnrolment extends GrantSummary {
  token: string;
}

export interface GrantOptions {
  /** How long the token is good for, in milliseconds, at most 30 days. */
  expiresInMs: number;
}

const longestMs = 30 * 86_400_000;

/** The most grants of a user at once. */
const maxGrants = 5;

/**
 * Let a user bring one new device. Send the token by your own means.
 *
 * @returns `null` if there is no such user, or if the user is suspended.
 * @throws {@link ZkpAuthError} `RATE_LIMITED` with `retryAfterMs` while the user has five grants.
 * @throws `TypeError` for a time that cannot be.
 */
export async function grantEnrolment(
  engine: Engine,
  userId: string,
  options: GrantOptions,
): Promise<GrantedEnrolment | null> {
  const expiresInMs = checkedInteger('expiresInMs', options?.expiresInMs, 1000);
  if (expiresInMs > longestMs) throw new TypeError(`expiresInMs must be at most ${longestMs} (30 days)`);
  const secret = drawRandom(enrolmentSecretLength);
  const grantId = encodeBase64url(enrolmentHashOf(secret));
  const createdAtMs = engine.now();
  const expiresAtMs = createdAtMs + expiresInMs;
  const grant = { tokenHash: grantId, userId, createdAtMs, expiresAtMs };
  const outcome = await storeCall(engine.credentials.addGrant(grant, maxGrants));
  if (outcome.kind === 'gone') return null;
  if (outcome.kind === 'full')
    throw new ZkpAuthError(
      'RATE_LIMITED',
      'This user has as many tokens for new devices as a user may have.',
      {
        retryAfterMs: Math.max(1, outcome.freeAtMs - createdAtMs),
      },
    );
  const event = { atMs: createdAtMs, userId, credentialId: null, grantId } as const;
  engine.emit({ ...event, type: 'enrolment_granted', expiresAtMs });
  return { grantId, token: formatEnrolmentToken({ userId, secret }), createdAtMs, expiresAtMs };
}

/** The grants of a user that are neither used nor expired. The oldest comes first. */
export async function listEnrolments(engine: Engine, userId: string): Promise<GrantSummary[]> {
  const grants = await storeCall(engine.credentials.listGrants(userId, engine.now()));
  return grants.map(({ tokenHash, createdAtMs, expiresAtMs }) => ({
    grantId: tokenHash,
    createdAtMs,
    expiresAtMs,
  }));
}

/** Take a grant back. Gives whether this call did. `false` says that it was used, or withdrawn before. */
export async function withdrawEnrolment(engine: Engine, userId: string, grantId: string): Promise<boolean> {
  const withdrawn = await storeCall(engine.credentials.withdrawGrant(userId, grantId));
  if (withdrawn)
    engine.emit({ atMs: engine.now(), userId, credentialId: null, type: 'enrolment_withdrawn', grantId });
  return withdrawn;
}
