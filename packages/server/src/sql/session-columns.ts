import { formatSpentToken } from '../stores/spent-tokens.js';
import type { StoredSession } from '../stores/session-store.js';

/**
 * The columns of a session, each with its member and its SQL type. The engines do not infer a parameter's type in a
 * union.
 */
export const sessionColumns = [
  ['session_id', 'sessionId', 'text'],
  ['user_id', 'userId', 'text'],
  ['credential_id', 'credentialId', 'text'],
  ['session_key', 'sessionKey', 'text'],
  ['device_name', 'deviceName', 'text'],
  ['created_at_ms', 'createdAtMs', 'bigint'],
  ['last_used_at_ms', 'lastUsedAtMs', 'bigint'],
  ['expires_at_ms', 'expiresAtMs', 'bigint'],
  ['ends_at_ms', 'endsAtMs', 'bigint'],
  ['refresh_hash', 'refreshHash', 'text'],
  ['spent_tokens', 'spentTokens', 'text'],
] as const;

/** The values of a session, in the order of {@link sessionColumns}. */
export function sessionValues(session: StoredSession): unknown[] {
  const row = { ...session, spentTokens: session.spentTokens.map(formatSpentToken).join('') };
  return sessionColumns.map(([, member]) => row[member]);
}

/** The most old sessions beyond the limit that one login ends. */
export const maxDisplaced = 20;
