import type { KeyRing } from '../src/index.js';
import { JwtTokenIssuer } from '../src/tokens/jwt-token-issuer.js';

/** Access tokens of one person over a ring, at a time. */
export interface RingTokens {
  issue(): Promise<string>;
  /** Whether a token is accepted. */
  accepts(token: string): Promise<boolean>;
}

export function tokensOf(keys: KeyRing, now: () => number = Date.now): RingTokens {
  const issuer = new JwtTokenIssuer({
    keys,
    issuer: 'https://a.example',
    audience: 'https://a.example',
    ttlMs: keys.tokenTtlMs,
    now,
  });
  const session = {
    sessionId: 'A'.repeat(43),
    userId: 'alice',
    credentialId: 'A'.repeat(22),
    sessionKey: null,
    deviceName: null,
    createdAtMs: 0,
    lastUsedAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    endsAtMs: Number.MAX_SAFE_INTEGER,
    refreshHash: '',
    spentTokens: [],
  };
  return {
    issue: async () => (await issuer.issue(session)).token,
    accepts: async (token) => (await issuer.verify(token)) !== null,
  };
}
