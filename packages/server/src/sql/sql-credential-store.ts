import { decodeBase64url, encodeBase64url, publicKeyLength } from '@zkp-auth/core';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import {
  cloneMarkIntervalMs,
  type Credential,
  type CredentialStore,
  type NewCredential,
} from '../stores/credential-store.js';
import { integerOf } from './integer-of.js';
import { millisecondsOf } from './milliseconds.js';
import type { ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';

/** Roll a transaction back without being an error to anyone. */
class Taken extends Error {}
class Gone extends Error {}

/**
 * Users and credentials in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first.
 *
 * @example
 * ```ts
 * const credentials = new SqlCredentialStore(db);
 * ```
 */
export class SqlCredentialStore implements CredentialStore {
  readonly #db: Kysely<ZkpAuthTables>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
  }

  async createUser(credential: NewCredential): Promise<'created' | 'taken'> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const user = await transaction
          .insertInto('zkp_users')
          .values({ user_id: credential.userId, created_at_ms: credential.createdAtMs })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (user.numInsertedOrUpdatedRows !== 1n) throw new Taken();
        await insertUnlessTaken(transaction, credential);
      });
      return 'created';
    } catch (error) {
      if (error instanceof Taken) return 'taken';
      throw error;
    }
  }

  async find(userId: string, credentialId: string): Promise<Credential | null> {
    const row = await this.#db
      .selectFrom('zkp_credentials')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row === undefined ? null : credentialOf(row);
  }

  async list(userId: string): Promise<Credential[]> {
    const rows = await this.#db
      .selectFrom('zkp_credentials')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('created_at_ms')
      .orderBy('credential_id')
      .execute();
    return rows.map(credentialOf);
  }

  async revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_credentials')
      .set({ revoked_at_ms: revokedAtMs })
      .where('credential_id', '=', credentialId)
      .where('user_id', '=', userId)
      .where('revoked_at_ms', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async replace(
    userId: string,
    oldCredentialId: string,
    newCredential: NewCredential,
    atMs: number,
  ): Promise<'replaced' | 'taken' | 'gone'> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const old = await transaction
          .updateTable('zkp_credentials')
          .set({ revoked_at_ms: atMs })
          .where('credential_id', '=', oldCredentialId)
          .where('user_id', '=', userId)
          .where('revoked_at_ms', 'is', null)
          .executeTakeFirst();
        if (old.numUpdatedRows !== 1n) throw new Gone();
        await insertUnlessTaken(transaction, { ...newCredential, userId });
      });
      return 'replaced';
    } catch (error) {
      if (error instanceof Gone) return 'gone';
      if (error instanceof Taken) return 'taken';
      throw error;
    }
  }

  async markCloneSuspected(credentialId: string, atMs: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_credentials')
      .set({ clone_suspected_at_ms: atMs })
      .where('credential_id', '=', credentialId)
      .where((column) =>
        column.or([
          column('clone_suspected_at_ms', 'is', null),
          column('clone_suspected_at_ms', '<=', atMs - cloneMarkIntervalMs),
          column('clone_suspected_at_ms', '>=', atMs + cloneMarkIntervalMs),
        ]),
      )
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}

async function insertUnlessTaken(
  transaction: Transaction<ZkpAuthTables>,
  credential: NewCredential,
): Promise<void> {
  const inserted = await transaction
    .insertInto('zkp_credentials')
    .values(rowOf(credential))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Taken();
}

function rowOf(credential: NewCredential): Insertable<ZkpAuthTables['zkp_credentials']> {
  return {
    credential_id: credential.credentialId,
    user_id: credential.userId,
    public_key: encodeBase64url(credential.publicKey),
    device_name: credential.deviceName,
    created_at_ms: credential.createdAtMs,
    revoked_at_ms: null,
    clone_suspected_at_ms: null,
  };
}

function credentialOf(row: Selectable<ZkpAuthTables['zkp_credentials']>): Credential {
  const publicKey = decodeBase64url(row.public_key, publicKeyLength);
  if (publicKey === null) throw new Error(`zkp_credentials: public_key of ${row.credential_id} is damaged`);
  return {
    credentialId: row.credential_id,
    userId: row.user_id,
    publicKey,
    deviceName: row.device_name,
    createdAtMs: integerOf(row.created_at_ms),
    revokedAtMs: millisecondsOf(row.revoked_at_ms),
    cloneSuspectedAtMs: millisecondsOf(row.clone_suspected_at_ms),
  };
}
