import { sql, type Transaction } from 'kysely';
import { maxLiveCredentials } from '../stores/credential-policy.js';
import type { LiveCredential } from '../stores/credential-store.js';
import { kindOf } from './credential-kind.js';
import { millisecondsOf } from './milliseconds.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/** The live and pending credentials of a user. The lineages of credentials from before lineages are `null`. */
export async function liveOf(
  transaction: Transaction<ZkpAuthTables>,
  userId: string,
): Promise<(LiveCredential & { lineageId: string | null })[]> {
  const rows = await transaction
    .selectFrom('zkp_credentials')
    .select(['credential_id', 'lineage_id', 'kind', 'device_name', 'added_by', 'pending_until_ms'])
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('revoked_at_ms', 'is', null)
    .limit(maxLiveCredentials)
    .execute();
  return rows.map((row) => ({
    credentialId: row.credential_id,
    lineageId: row.lineage_id,
    kind: kindOf(row),
    deviceName: row.device_name,
    addedBy: row.added_by,
    pendingUntilMs: millisecondsOf(row.pending_until_ms),
  }));
}
