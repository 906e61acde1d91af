import type { Kysely } from 'kysely';
import type { ZkpAuthTables } from './schema.js';

/** Freeze the pins of a credential that is revoked, in the caller's transaction if there is one. */
export async function freezePinsOf(
  db: Kysely<ZkpAuthTables>,
  credentialId: string,
  atMs: number,
): Promise<void> {
  await db
    .updateTable('zkp_pins')
    .set({ frozen_at_ms: atMs })
    .where('credential_id', '=', credentialId)
    .where('retired_at_ms', 'is', null)
    .where('frozen_at_ms', 'is', null)
    .execute();
}
