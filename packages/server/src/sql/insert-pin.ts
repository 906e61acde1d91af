import type { Transaction } from 'kysely';
import { enrolledPin } from '../stores/try-policy.js';
import type { NewPin } from '../stores/pin-store.js';
import type { ZkpAuthTables } from './schema.js';
import { rowOf } from './sql-pin-store.js';

/** Enrol a pin in a transaction that creates its credential. */
export async function insertPin(transaction: Transaction<ZkpAuthTables>, pin: NewPin): Promise<void> {
  await transaction
    .insertInto('zkp_pins')
    .values(rowOf(enrolledPin(pin)))
    .execute();
}

/** Retire the pins of a credential in the transaction that replaces it. */
export async function retirePinsOf(
  transaction: Transaction<ZkpAuthTables>,
  credentialId: string,
  atMs: number,
): Promise<void> {
  await transaction
    .updateTable('zkp_pins')
    .set({ retired_at_ms: atMs })
    .where('credential_id', '=', credentialId)
    .where('retired_at_ms', 'is', null)
    .execute();
}
