import type { OriginRefusal } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { eventText } from '../event-text.js';
import { isSameSite } from '../sessions/is-same-site.js';

/** The origins that a request with a proof names, before they are checked. */
export interface ClaimedOrigin {
  userId: string;
  credentialId: string;
  origin: string;
  audience: string;
}

/**
 * Whether this server allows the origin and audience, and the request came from that origin. A refusal emits an
 * event.
 */
export function isAllowedOrigin(engine: Engine, claimed: ClaimedOrigin, facts: RequestFacts): boolean {
  const refusal = refusalOf(engine, claimed, facts);
  if (refusal === null) return true;
  const { userId, credentialId } = claimed;
  const { reason, expected, presented } = refusal;
  engine.emit({
    atMs: engine.now(),
    userId,
    credentialId,
    type: 'origin_rejected',
    reason,
    expected: eventText(expected),
    presented: eventText(presented),
  });
  engine.warnOfSetUp(refusal);
  return false;
}

function refusalOf(
  { origins, audiences, sessionPolicy }: Engine,
  { origin, audience }: ClaimedOrigin,
  facts: RequestFacts,
): OriginRefusal | null {
  if (!origins.has(origin)) return { reason: 'page', expected: listOf(origins), presented: origin };
  if (!audiences.has(audience)) return { reason: 'api', expected: listOf(audiences), presented: audience };
  if (facts.origin !== undefined && facts.origin !== origin) {
    return { reason: 'origin_header', expected: origin, presented: facts.origin };
  }
  if (sessionPolicy.carriage === 'bearer' || isSameSite(facts)) return null;
  return { reason: 'fetch_site', expected: 'same-origin,same-site', presented: String(facts.fetchSite) };
}

function listOf(allowed: ReadonlySet<string>): string {
  return [...allowed].join(',');
}
