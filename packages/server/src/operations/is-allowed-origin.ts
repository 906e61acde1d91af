import type { Engine, RequestFacts } from '../engine.js';
import { isSameSite } from '../sessions/is-same-site.js';

/** Whether a proof for this origin and audience may count here, and the request came from where it says. */
export function isAllowedOrigin(
  engine: Engine,
  claimed: { origin: string; audience: string },
  facts: RequestFacts,
): boolean {
  return (
    engine.origins.has(claimed.origin) &&
    engine.audiences.has(claimed.audience) &&
    (facts.origin === undefined || facts.origin === claimed.origin) &&
    (engine.sessionPolicy.carriage === 'bearer' || isSameSite(facts))
  );
}
