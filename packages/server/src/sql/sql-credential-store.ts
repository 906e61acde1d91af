import { decodeBase64url, publicKeyLength } from '@zkp-auth/core';
import {
  type CompiledQuery,
  type Kysely,
  type Selectable,
  type SelectQueryBuilder,
  sql,
  type Transaction,
} from 'kysely';
import {
  type AddCredentialOptions,
  type AddedCredential,
  type Addition,
  cloneMarkIntervalMs,
  type Credential,
  type CredentialChange,
  type CreateUserOptions,
  type CredentialStore,
  type EnrolmentGrant,
  type Granting,
  maxRevokedListed,
  type NewCredential,
  type Renaming,
  type Revocation,
  type RevocationRequest,
  useMarkIntervalMs,
} from '../stores/credential-store.js';
import { maxLiveCredentials } from '../stores/credential-policy.js';
import type { LinkSource } from '../stores/link-source.js';
import type { LinkStore } from '../stores/link-store.js';
import type { NewPin, PinStore } from '../stores/pin-store.js';
import type { ErasureRequest, ErasureStart, ListedUser, UserPage } from '../stores/user-erasure.js';
import { kindOf } from './credential-kind.js';
import {
  addCredentialIn,
  insertUnlessTaken,
  isRegistered,
  Refused,
  renameIn,
  resumeIn,
  revokeIn,
  rowOf,
  Taken,
} from './credential-steps.js';
import { addGrantIn, deleteGrant, listGrantsIn } from './grant-steps.js';
import { insertPin, retirePinsOf } from './insert-pin.js';
import { integerOf } from './integer-of.js';
import { listUsersIn } from './list-users.js';
import { lockUser } from './lock-user.js';
import { millisecondsOf } from './milliseconds.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { SqlLinkStore } from './sql-link-store.js';
import { SqlPinStore } from './sql-pin-store.js';
import { storeDatabase } from './store-database.js';
import { beginErasureIn, eraseCredentialsIn, finishErasureIn, isReserved } from './user-erasure.js';

type Row = Selectable<ZkpAuthTables['zkp_credentials']> &
  Pick<Selectable<ZkpAuthTables['zkp_users']>, 'suspended_at_ms'>;

/** Rolls a transaction back. It never reaches a caller. */
class Gone extends Error {}

/**
 * Users and credentials in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first.
 * If a {@link SqlPinStore} uses the same database, also behind a `RedisPinStore`, a credential and its pin are
 * written in one transaction.
 *
 * @example
 * ```ts
 * const credentials = new SqlCredentialStore(db);
 * ```
 */
export class SqlCredentialStore implements CredentialStore, LinkSource {
  readonly #db: Kysely<ZkpAuthTables>;
  /** Every login runs this statement, so it is compiled once. */
  readonly #finding: CompiledQuery<Row>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
    this.#finding = credentialIn(this.#db);
  }

  async createUser(
    credential: NewCredential,
    pin?: NewPin,
    { nameHashes = [], within }: CreateUserOptions = {},
  ): Promise<'created' | 'taken'> {
    // Outside the transaction, because in SQLite a transaction that begins with a read may be unable to write.
    if (await isRegistered(this.#db, credential)) return 'taken';
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const user = await transaction
          .insertInto('zkp_users')
          .values({ user_id: credential.userId, created_at_ms: credential.createdAtMs })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (user.numInsertedOrUpdatedRows !== 1n) throw new Taken();
        // Afterwards, because the insertion may have waited for the end of an erasure.
        if (await isReserved(transaction, nameHashes, credential.createdAtMs)) throw new Taken();
        await insertUnlessTaken(transaction, rowOf(credential));
        if (pin !== undefined) await insertPin(transaction, pin);
        await within?.(transaction);
      });
      return 'created';
    } catch (error) {
      if (error instanceof Taken) return 'taken';
      throw error;
    }
  }

  async find(userId: string, credentialId: string): Promise<Credential | null> {
    const { rows } = await this.#db.executeQuery<Row>({
      ...this.#finding,
      parameters: [credentialId, userId],
    });
    return rows[0] === undefined ? null : credentialOf(rows[0]);
  }

  async list(userId: string): Promise<Credential[]> {
    const ofUser = credentialsIn(this.#db)
      .where('zkp_credentials.user_id', '=', userId)
      .where('zkp_credentials.tenant', '=', sql.lit(defaultTenant));
    const live = ofUser.where('revoked_at_ms', 'is', null).limit(maxLiveCredentials);
    const lastRevoked = ofUser
      .where('revoked_at_ms', 'is not', null)
      .orderBy('revoked_at_ms', 'desc')
      .limit(maxRevokedListed);
    const rows = await this.#db
      .selectFrom(live.as('live'))
      .selectAll()
      .unionAll(this.#db.selectFrom(lastRevoked.as('last_revoked')).selectAll())
      .execute();
    return rows
      .toReversed()
      .map(credentialOf)
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  async revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<string | null> {
    const request = { userId, credentialId, by: null, atMs: revokedAtMs, evenTheLast: true };
    const outcome = await this.revokeBy(request);
    return outcome.kind === 'revoked' ? outcome.credentialId : null;
  }

  revokeBy(request: RevocationRequest): Promise<Revocation> {
    return this.#db.transaction().execute((transaction) => revokeIn(transaction, request));
  }

  rename(change: CredentialChange, deviceName: string): Promise<Renaming> {
    return this.#db.transaction().execute((transaction) => renameIn(transaction, change, deviceName));
  }

  async addCredential(credential: AddedCredential, options: AddCredentialOptions = {}): Promise<Addition> {
    try {
      return await this.#db
        .transaction()
        .execute((transaction) => addCredentialIn(transaction, credential, options));
    } catch (error) {
      if (error instanceof Refused) return { kind: error.kind };
      if (error instanceof Taken) return { kind: 'taken' };
      throw error;
    }
  }

  addGrant(grant: EnrolmentGrant, max: number): Promise<Granting> {
    return this.#db.transaction().execute((transaction) => addGrantIn(transaction, grant, max));
  }

  listGrants(userId: string, nowMs: number): Promise<EnrolmentGrant[]> {
    return listGrantsIn(this.#db, userId, nowMs);
  }

  withdrawGrant(userId: string, tokenHash: string): Promise<boolean> {
    return deleteGrant(this.#db, { userId, tokenHash });
  }

  async replace(
    oldCredentialId: string,
    newCredential: NewCredential,
    pin?: NewPin,
  ): Promise<'replaced' | 'taken' | 'gone'> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const user = await lockUser(transaction, newCredential.userId);
        if (user === undefined || user.suspended_at_ms !== null) throw new Gone();
        const old = await giveWay(transaction, oldCredentialId, newCredential);
        await insertUnlessTaken(transaction, { ...rowOf(newCredential), ...old });
        await takeOverAdded(transaction, oldCredentialId, newCredential);
        await retirePinsOf(transaction, oldCredentialId, newCredential.createdAtMs);
        if (pin !== undefined) await insertPin(transaction, pin);
      });
      return 'replaced';
    } catch (error) {
      if (error instanceof Gone) return 'gone';
      if (error instanceof Taken) return 'taken';
      throw error;
    }
  }

  async suspend(userId: string, atMs: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_users')
      .set({ suspended_at_ms: atMs })
      .where('user_id', '=', userId)
      .where('erasing_at_ms', 'is', null)
      .where('suspended_at_ms', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  resume(userId: string, atMs: number): Promise<boolean> {
    return this.#db.transaction().execute((transaction) => resumeIn(transaction, userId, atMs));
  }

  markCloneSuspected(credentialId: string, atMs: number): Promise<boolean> {
    return this.#mark(credentialId, 'clone_suspected_at_ms', { atMs, intervalMs: cloneMarkIntervalMs });
  }

  markUsed(credentialId: string, atMs: number): Promise<boolean> {
    return this.#mark(credentialId, 'last_used_at_ms', { atMs, intervalMs: useMarkIntervalMs });
  }

  linkStore(): LinkStore {
    return new SqlLinkStore(this.#db);
  }

  keepsPinsOf(pins: PinStore): boolean {
    if (pins.record !== undefined) return this.keepsPinsOf(pins.record);
    return pins instanceof SqlPinStore && pins.isIn(this.#db);
  }

  beginErasure(request: ErasureRequest): Promise<ErasureStart> {
    return this.#db.transaction().execute((transaction) => beginErasureIn(transaction, request));
  }

  eraseCredentials(userId: string): Promise<string[] | null> {
    return this.#db.transaction().execute((transaction) => eraseCredentialsIn(transaction, userId));
  }

  finishErasure(userId: string, nowMs: number): Promise<boolean> {
    return this.#db.transaction().execute((transaction) => finishErasureIn(transaction, userId, nowMs));
  }

  async listErasing(limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('zkp_users')
      .select('user_id')
      .where('erasing_at_ms', 'is not', null)
      .where('tenant', '=', sql.lit(defaultTenant))
      .orderBy('erasing_at_ms')
      .limit(limit)
      .execute();
    return rows.map((row) => row.user_id);
  }

  listUsers(page: UserPage): Promise<ListedUser[]> {
    return listUsersIn(this.#db, page);
  }

  /** Write a time, unless the time in the column is less than the interval from it. */
  async #mark(
    credentialId: string,
    column: 'clone_suspected_at_ms' | 'last_used_at_ms',
    { atMs, intervalMs }: { atMs: number; intervalMs: number },
  ): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_credentials')
      .set({ [column]: atMs })
      .where('credential_id', '=', credentialId)
      .where((its) =>
        its.or([
          its(column, 'is', null),
          its(column, '<=', atMs - intervalMs),
          its(column, '>=', atMs + intervalMs),
        ]),
      )
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}

/** Credentials, each with the suspension of its user. */
function credentialsIn(
  db: Kysely<ZkpAuthTables>,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_credentials' | 'zkp_users', Row> {
  return db
    .selectFrom('zkp_credentials')
    .innerJoin('zkp_users', 'zkp_users.user_id', 'zkp_credentials.user_id')
    .selectAll('zkp_credentials')
    .select('zkp_users.suspended_at_ms');
}

/**
 * One credential, with the suspension of its user. With the tenant, SQLite finds it by its whole key. Without the tenant
 * it would read all credentials of the user, replaced ones included. The user's row is read only after the credential was
 * found. A join could begin with the users. Its time would then tell a caller who asks with another person's name whether
 * that name is taken.
 */
function credentialIn(db: Kysely<ZkpAuthTables>): CompiledQuery<Row> {
  return db
    .selectFrom('zkp_credentials')
    .selectAll('zkp_credentials')
    .select((column) =>
      column
        .selectFrom('zkp_users')
        .select('suspended_at_ms')
        .whereRef('zkp_users.user_id', '=', 'zkp_credentials.user_id')
        .as('suspended_at_ms'),
    )
    .where('credential_id', '=', '')
    .where('user_id', '=', '')
    .where('zkp_credentials.tenant', '=', sql.lit(defaultTenant))
    .compile();
}

/** Revoke a credential because another one of the same user replaces it. @throws `Gone` if it is not live. */
async function giveWay(
  transaction: Transaction<ZkpAuthTables>,
  oldCredentialId: string,
  { userId, credentialId, createdAtMs }: NewCredential,
): Promise<Pick<Row, 'lineage_id' | 'kind' | 'added_by'>> {
  const old = await transaction
    .updateTable('zkp_credentials')
    .set({ revoked_at_ms: createdAtMs, replaced_by: credentialId })
    .where('credential_id', '=', oldCredentialId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('user_id', '=', userId)
    .where('revoked_at_ms', 'is', null)
    .returning(['lineage_id', 'kind', 'added_by'])
    .executeTakeFirst();
  if (old === undefined) throw new Gone();
  return old;
}

/** Live credentials that the old credential had added count as added by the new one. */
async function takeOverAdded(
  transaction: Transaction<ZkpAuthTables>,
  oldCredentialId: string,
  { userId, credentialId }: NewCredential,
): Promise<void> {
  await transaction
    .updateTable('zkp_credentials')
    .set({ added_by: credentialId })
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('revoked_at_ms', 'is', null)
    .where('added_by', '=', oldCredentialId)
    .execute();
}

function credentialOf(row: Row): Credential {
  const publicKey = decodeBase64url(row.public_key, publicKeyLength);
  if (publicKey === null) throw new Error(`zkp_credentials: public_key of ${row.credential_id} is damaged`);
  return {
    credentialId: row.credential_id,
    userId: row.user_id,
    publicKey,
    kind: kindOf(row),
    deviceName: row.device_name,
    createdAtMs: integerOf(row.created_at_ms),
    addedBy: row.added_by,
    pendingUntilMs: millisecondsOf(row.pending_until_ms),
    lastUsedAtMs: millisecondsOf(row.last_used_at_ms),
    revokedAtMs: millisecondsOf(row.revoked_at_ms),
    replacedBy: row.replaced_by,
    suspendedAtMs: millisecondsOf(row.suspended_at_ms),
    cloneSuspectedAtMs: millisecondsOf(row.clone_suspected_at_ms),
  };
}
