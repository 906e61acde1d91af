import type { Engine, RequestFacts } from '../engine.js';

/** Send the nonce along that the client's next DPoP proof has to carry (RFC 9449 section 8). */
export function offerNonce(engine: Engine, facts: RequestFacts): void {
  facts.setHeader?.('DPoP-Nonce', engine.nonces.current());
}
