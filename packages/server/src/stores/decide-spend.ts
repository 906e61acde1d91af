import type { Spending, SpendOutcome, StoredSession } from './session-store.js';
import { maxSpentTokens } from './spent-tokens.js';

/** Decide on a refresh token that is presented for a live session. All stores share this rule. */
export function decideSpend(
  session: StoredSession,
  { presentedHash, nextHash, atMs, expiresAtMs, spentTokens }: Spending,
): Exclude<SpendOutcome, { kind: 'gone' }> {
  if (presentedHash !== session.refreshHash) {
    const spent = session.spentTokens.find(({ hash }) => hash === presentedHash);
    return spent === undefined
      ? { kind: 'reused', session }
      : { kind: 'repeated', session, spentAtMs: spent.atMs };
  }
  const spent = spentTokens ?? [{ hash: presentedHash, atMs }, ...session.spentTokens];
  return {
    kind: 'spent',
    session: {
      ...session,
      refreshHash: nextHash,
      spentTokens: spent.slice(0, maxSpentTokens),
      lastUsedAtMs: atMs,
      expiresAtMs,
    },
  };
}
