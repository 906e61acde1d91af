import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { LimitSubject } from './create-limits.js';
import type { LimitName } from './default-limits.js';

/**
 * Count one more use of a limit. It runs after the proof, so that nobody else can use up a person's limit.
 *
 * @throws {@link ZkpAuthError} `RATE_LIMITED` with `retryAfterMs`, if the limit is exceeded.
 */
export async function takeLimit(engine: Engine, limit: LimitName, subject: LimitSubject): Promise<void> {
  const retryAfterMs = await engine.limits.take(limit, subject);
  if (retryAfterMs === 0) return;
  const { userId, credentialId } = subject;
  engine.emit({ atMs: engine.now(), userId, credentialId, type: 'rate_limited', limit });
  throw new ZkpAuthError('RATE_LIMITED', undefined, { retryAfterMs });
}
