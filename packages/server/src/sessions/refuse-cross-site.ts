import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine, RequestFacts } from '../engine.js';
import { isSameSite } from './is-same-site.js';

/**
 * A browser sends a cookie along whoever asks it to: the request must be one that a page of ours makes.
 *
 * @throws {@link ZkpAuthError} `CROSS_SITE_REQUEST`.
 */
export function refuseCrossSite(engine: Engine, facts: RequestFacts): void {
  const { origin } = facts;
  if (origin === undefined || !engine.origins.has(origin) || !isSameSite(facts)) {
    throw new ZkpAuthError('CROSS_SITE_REQUEST');
  }
}
