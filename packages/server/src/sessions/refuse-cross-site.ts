import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { isSameSite } from './is-same-site.js';

/**
 * Refuse what a page of another site has a browser ask for. Without an `Origin` it is no page that asks to change
 * something, or a very old browser: where a cookie counts, that is not enough.
 *
 * @throws {@link ZkpAuthError} `CROSS_SITE_REQUEST`.
 */
export function refuseCrossSite(engine: Engine, facts: RequestFacts): void {
  const { origin } = facts;
  if ((origin !== undefined && !engine.origins.has(origin)) || !isSameSite(facts)) {
    throw new ZkpAuthError('CROSS_SITE_REQUEST');
  }
}
