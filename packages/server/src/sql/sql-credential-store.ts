import { decodeBase64url, encodeBase64url, publicKeyLength } from '@zkp-auth/core';
import type { Kysely, Selectable } from 'kysely';
import type { Credential, CredentialStore, NewCredential } from '../stores/credential-store.js';
import type { ZkpAuthTables } from './schema.js';

/** Rolls a transaction back without being an error to anyone. */
class Taken extends Error {}

/**
 * Users and credentials in a SQL database, through Kysely: SQLite today. Run {@link migrateSqlStores} first.
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
    this.#db = db as Kysely<ZkpAuthTables>;
  }

  async createUser(credential: NewCredential): Promise<'created' | 'taken'> {
    const { userId, credentialId, publicKey, deviceName, createdAtMs } = credential;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const user = await transaction
          .insertInto('zkp_users')
          .values({ user_id: userId, created_at_ms: createdAtMs })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (user.numInsertedOrUpdatedRows !== 1n) throw new Taken();
        const inserted = await transaction
          .insertInto('zkp_credentials')
          .values({
            credential_id: credentialId,
            user_id: userId,
            public_key: encodeBase64url(publicKey),
            device_name: deviceName,
            created_at_ms: createdAtMs,
            revoked_at_ms: null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Taken();
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
}

function credentialOf(row: Selectable<ZkpAuthTables['zkp_credentials']>): Credential {
  const publicKey = decodeBase64url(row.public_key, publicKeyLength);
  if (publicKey === null) throw new Error(`zkp_credentials: public_key of ${row.credential_id} is damaged`);
  return {
    credentialId: row.credential_id,
    userId: row.user_id,
    publicKey,
    deviceName: row.device_name,
    createdAtMs: Number(row.created_at_ms),
    revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
  };
}
