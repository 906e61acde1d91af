import { ZkpAuthError } from '@zkp-auth/core';
import type { OriginRefusal } from '../auth-event.js';
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
  const refusal = refusalOf(engine, facts);
  if (refusal === null) return;
  engine.warnOfSetUp(refusal);
  throw new ZkpAuthError('CROSS_SITE_REQUEST');
}

function refusalOf({ origins }: Engine, facts: RequestFacts): OriginRefusal | null {
  const { origin } = facts;
  if (origin !== undefined && !origins.has(origin)) {
    return { reason: 'page', expected: [...origins].join(','), presented: origin };
  }
  if (isSameSite(facts)) return null;
  return { reason: 'fetch_site', expected: 'same-origin,same-site', presented: String(facts.fetchSite) };
}
