import { ZkpAuthError } from '@zkp-auth/core';
import type { OriginRefusal } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { isSameSite } from './is-same-site.js';

/**
 * Refuse a request that a page of another site makes a browser send. A request without an `Origin` is not from a
 * page that asks for a change, or it is from a very old browser. If a cookie authorises the request, the caller
 * must refuse it.
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
