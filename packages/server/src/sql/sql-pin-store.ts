import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type CompiledQuery,
  type Insertable,
  type Kysely,
  type Selectable,
  type SelectQueryBuilder,
  sql,
  type Transaction,
} from 'kysely';
import { isCount } from '../checked-integer.js';
import { maxListedPins, maxPruned, maxRetiredPins } from '../stores/pin-limits.js';
import { decideTry, decideUnlock, enrolledPin, questionOf, withoutTry } from '../stores/try-policy.js';
import {
  formatOutstandingTries,
  formatQuestion,
  parseOutstandingTries,
} from '../stores/outstanding-tries.js';
import type {
  Enrolment,
  NewPin,
  Pin,
  PinStore,
  PinTry,
  TryOutcome,
  UnlockOutcome,
} from '../stores/pin-store.js';
import { erasePinsIn } from './erase-pins.js';
import { freezePinsOf } from './freeze-pins.js';
import { integerOf } from './integer-of.js';
import { isSameDatabase } from './is-same-database.js';
import { isSqlite } from './is-sqlite.js';
import { lockUser } from './lock-user.js';
import { millisecondsOf } from './milliseconds.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';
import { isErased } from './user-erasure.js';

type Row = Selectable<ZkpAuthTables['zkp_pins']>;

/** How many retired pins one transaction of `forgetRetired` deletes. */
const forgottenAtOnce = 200;

/**
 * Enrolled pinIds and their tries in a SQL database, through Kysely: SQLite or PostgreSQL. Run
 * {@link migrateSqlStores} first. In WAL mode, SQLite keeps a counted try through a loss of power only with
 * `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const pinAssistance = await openPinAssistance({ store: new SqlPinStore(db), secretFile });
 * ```
 */
export class SqlPinStore implements PinStore {
  readonly #db: Kysely<ZkpAuthTables>;
  /**
   * The live pins of a credential that were answered with a challenge. Every login with a PIN runs it, so it is
   * compiled once.
   */
  readonly #answered: CompiledQuery<Row>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
    const position = isSqlite(this.#db) ? sql`instr` : sql`strpos`;
    this.#answered = this.#db
      .selectFrom('zkp_pins')
      .selectAll()
      .where('credential_id', '=', '')
      .where('retired_at_ms', 'is', null)
      .where('frozen_at_ms', 'is', null)
      .where(sql<number>`${position}(answered, ${''})`, '>', sql.lit(0))
      .compile();
  }

  async enrol(
    pin: NewPin,
    { limit, replaced, isNewPin = false }: Enrolment = {},
  ): Promise<'enrolled' | 'full' | 'gone'> {
    const { credentialId, enrolledAtMs } = pin;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await lockCredential(transaction, credentialId);
        if (await isGone(transaction, pin)) throw new Gone();
        const isReplaced =
          replaced !== undefined && (await retireOne(transaction, replaced, credentialId, enrolledAtMs));
        await prune(transaction, credentialId);
        if (!isReplaced && limit !== undefined && (await hasLive(transaction, credentialId, limit)))
          throw new Full();
        const old = replaced === undefined ? null : await findOne(transaction, replaced);
        const renewed = old?.credentialId === credentialId && !isNewPin ? old : null;
        await transaction
          .insertInto('zkp_pins')
          .values(rowOf(enrolledPin(pin, renewed)))
          .execute();
      });
      return 'enrolled';
    } catch (error) {
      if (error instanceof Full) return 'full';
      if (error instanceof Gone) return 'gone';
      throw error;
    }
  }

  async withdraw(pinHash: string): Promise<void> {
    await this.#db.deleteFrom('zkp_pins').where('pin_hash', '=', pinHash).execute();
  }

  async takeTry(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome> {
    for (;;) {
      const pin = await this.find(pinHash);
      if (pin === null) return { kind: 'unknown' };
      const outcome = decideTry(pin, asked, nowMs);
      if (outcome.pin === pin || (await this.#swap(pin, outcome.pin))) return outcome;
    }
  }

  async giveBackTry(pinHash: string, credentialId: string, questionHash: string): Promise<boolean> {
    const without = sql<string>`replace(${sql.ref('outstanding')}, ${formatQuestion(questionHash)}, '')`;
    const result = await this.#db
      .updateTable('zkp_pins')
      .set((column) => ({ tries: column('tries', '-', 1), outstanding: without }))
      .where('pin_hash', '=', pinHash)
      .where('credential_id', '=', credentialId)
      .where('tries', '>', 0)
      .where('frozen_at_ms', 'is', null)
      .where(without, '<>', sql.ref<string>('outstanding'))
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async giveBackTryOf(credentialId: string, challengeHash: string): Promise<Pin | null> {
    const found = await this.#db.executeQuery<Row>({
      ...this.#answered,
      parameters: [credentialId, challengeHash],
    });
    for (const pin of found.rows.map(pinOf)) {
      const questionHash = questionOf(pin, challengeHash);
      if (questionHash === undefined) continue;
      const given = await this.giveBackTry(pin.pinHash, credentialId, questionHash);
      return given ? withoutTry(pin, credentialId, questionHash) : null;
    }
    return null;
  }

  async grantTries(credentialId: string, count: number, pinHash?: string): Promise<number> {
    const result = await this.#db
      .updateTable('zkp_pins')
      .set((column) => ({ max_tries: column('max_tries', '+', count), last_try_at_ms: null }))
      .where('credential_id', '=', credentialId)
      .where('retired_at_ms', 'is', null)
      .where('frozen_at_ms', 'is', null)
      .whereRef('tries', '>=', 'max_tries')
      .$if(pinHash !== undefined, (update) => update.where('pin_hash', '=', pinHash as string))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  async unlock(
    { userId, credentialId }: { userId: string; credentialId: string },
    nowMs: number,
  ): Promise<UnlockOutcome> {
    return this.#db.transaction().execute(async (transaction) => {
      await lockCredential(transaction, credentialId);
      if (await isGone(transaction, { userId, credentialId })) return { kind: 'unknown' };
      const row = await newestIn(transaction, credentialId)
        .$if(!isSqlite(transaction), (select) => select.forUpdate())
        .executeTakeFirst();
      if (row?.user_id !== userId) return { kind: 'unknown' };
      const outcome = decideUnlock(pinOf(row), nowMs);
      if (outcome.kind === 'unlocked') await keepUnlocked(transaction, outcome.pin);
      return outcome;
    });
  }

  retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean> {
    return retireOne(this.#db, pinHash, credentialId, atMs);
  }

  async retireAllOf(credentialId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('zkp_pins')
      .set({ retired_at_ms: atMs })
      .where('credential_id', '=', credentialId)
      .where('retired_at_ms', 'is', null)
      .execute();
  }

  freezeAllOf(credentialId: string, atMs: number): Promise<void> {
    return freezePinsOf(this.#db, credentialId, atMs);
  }

  find(pinHash: string): Promise<Pin | null> {
    return findOne(this.#db, pinHash);
  }

  async listOf(credentialId: string): Promise<Pin[]> {
    const ofCredential = this.#db
      .selectFrom('zkp_pins')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .where('tenant', '=', sql.lit(defaultTenant));
    const live = await ofCredential
      .where('retired_at_ms', 'is', null)
      .orderBy('enrolled_at_ms')
      .orderBy('pin_hash')
      .limit(maxListedPins)
      .execute();
    const retired = await ofCredential
      .where('retired_at_ms', 'is not', null)
      .orderBy('retired_at_ms', 'desc')
      .limit(maxRetiredPins)
      .execute();
    return [...live, ...retired].map(pinOf).toSorted(byEnrolment);
  }

  async newestOf(credentialIds: readonly string[]): Promise<Pin[]> {
    const [first, ...others] = credentialIds.map((credentialId) =>
      this.#db.selectFrom(newestIn(this.#db, credentialId).as('newest')).selectAll(),
    );
    if (first === undefined) return [];
    const rows = await others.reduce((all, each) => all.unionAll(each), first).execute();
    return rows.map(pinOf);
  }

  /** Each statement reads the next secret in the index. `distinct` would read every live pin of every user. */
  async secretIds(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const row = await this.#db
        .selectFrom('zkp_pins')
        .select('secret_id')
        .where('retired_at_ms', 'is', null)
        .where('frozen_at_ms', 'is', null)
        .where('secret_id', '>', ids.at(-1) ?? '')
        .orderBy('secret_id')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) return ids;
      ids.push(row.secret_id);
    }
  }

  async forgetRetired(beforeMs: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const retired = await this.#forgetSlice('retired_at_ms', beforeMs);
      const frozen = await this.#forgetSlice('frozen_at_ms', beforeMs);
      forgotten += retired + frozen;
      if (Math.max(retired, frozen) < forgottenAtOnce) return forgotten;
      await nextTurn();
    }
  }

  /** It skips rows that an enrolment is deleting. Neither waits for the other, so there is no deadlock. */
  async #forgetSlice(ended: 'retired_at_ms' | 'frozen_at_ms', beforeMs: number): Promise<number> {
    const slice = this.#db
      .selectFrom('zkp_pins')
      .select('pin_hash')
      .where(ended, 'is not', null)
      .where(ended, '<', beforeMs)
      .orderBy(ended)
      .limit(forgottenAtOnce)
      .$if(!isSqlite(this.#db), (select) => select.forUpdate().skipLocked());
    return deleteThese(this.#db, slice);
  }

  erase(userId: string): Promise<string[]> {
    return erasePinsIn(this.#db, userId);
  }

  /** Whether this store keeps its pins in the tables of that database. */
  isIn(db: Kysely<ZkpAuthTables>): boolean {
    return isSameDatabase(this.#db, db);
  }

  /** Replace the pin that was read, if it has not changed since. */
  async #swap(read: Pin, next: Pin): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_pins')
      .set({
        tries: next.tries,
        last_try_at_ms: next.lastTryAtMs,
        ...outstandingOf(next),
      })
      .where('pin_hash', '=', read.pinHash)
      .where('tries', '=', read.tries)
      .where('outstanding', '=', outstandingOf(read).outstanding)
      .where('max_tries', '=', read.maxTries)
      .where('frozen_at_ms', read.frozenAtMs === null ? 'is' : '=', read.frozenAtMs)
      .where('last_try_at_ms', read.lastTryAtMs === null ? 'is' : '=', read.lastTryAtMs)
      .where('retired_at_ms', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}

class Full extends Error {}
class Gone extends Error {}

/**
 * Make enrolments of one credential run one after another. The lock belongs to the transaction, so that it works
 * behind a pooler, and each later statement sees the commits of the transaction before. SQLite has one writer, whose
 * turn begins with its first write.
 */
async function lockCredential(transaction: Transaction<ZkpAuthTables>, credentialId: string): Promise<void> {
  if (isSqlite(transaction)) return;
  const name = `zkp_pins ${credentialId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
}

/**
 * Whether the pin's owner is in this database, and is revoked or suspended. Nobody can revoke or suspend the owner
 * before this transaction ends, so that no pin is enrolled afterwards.
 */
async function isGone(
  transaction: Transaction<ZkpAuthTables>,
  { userId, credentialId }: Pick<NewPin, 'userId' | 'credentialId'>,
): Promise<boolean> {
  const user = await lockUser(transaction, userId);
  if (user === undefined) return isErased(transaction, credentialId);
  if (user.suspended_at_ms !== null) return true;
  const revoked = await transaction
    .selectFrom('zkp_credentials')
    .select('credential_id')
    .where('credential_id', '=', credentialId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('user_id', '=', userId)
    .where('revoked_at_ms', 'is not', null)
    .executeTakeFirst();
  return revoked !== undefined;
}

async function keepUnlocked(
  transaction: Transaction<ZkpAuthTables>,
  { pinHash, maxTries, unlockedAtMs }: Pin,
): Promise<void> {
  const [last, before] = unlockedAtMs;
  await transaction
    .updateTable('zkp_pins')
    .set({
      max_tries: maxTries,
      last_try_at_ms: null,
      unlocked_at_ms: last ?? null,
      unlocked_before_ms: before ?? null,
    })
    .where('pin_hash', '=', pinHash)
    .execute();
}

async function retireOne(
  db: Kysely<ZkpAuthTables>,
  pinHash: string,
  credentialId: string,
  atMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('zkp_pins')
    .set({ retired_at_ms: atMs })
    .where('pin_hash', '=', pinHash)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('credential_id', '=', credentialId)
    .where('retired_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Delete some retired pins beyond the ones to keep. It reads only as many as it keeps and deletes, whatever their
 * number.
 */
async function prune(transaction: Transaction<ZkpAuthTables>, credentialId: string): Promise<void> {
  const surplus = transaction
    .selectFrom('zkp_pins')
    .select('pin_hash')
    .where('credential_id', '=', credentialId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('retired_at_ms', 'is not', null)
    .orderBy('retired_at_ms', 'desc')
    .limit(maxPruned)
    .offset(maxRetiredPins);
  await deleteThese(transaction, surplus);
}

/** PostgreSQL may join a small subquery by reading the whole table. It looks an array up in the index. */
async function deleteThese(
  db: Kysely<ZkpAuthTables>,
  hashes: SelectQueryBuilder<ZkpAuthTables, 'zkp_pins', { pin_hash: string }>,
): Promise<number> {
  const result = await db
    .deleteFrom('zkp_pins')
    .$if(isSqlite(db), (rows) => rows.where('pin_hash', 'in', hashes))
    .$if(!isSqlite(db), (rows) => rows.where('pin_hash', '=', sql<string>`any(array(${hashes}))`))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Whether a credential has at least `count` live pins. */
async function hasLive(
  transaction: Transaction<ZkpAuthTables>,
  credentialId: string,
  count: number,
): Promise<boolean> {
  const rows = await transaction
    .selectFrom('zkp_pins')
    .select('pin_hash')
    .where('credential_id', '=', credentialId)
    .where('retired_at_ms', 'is', null)
    .limit(count)
    .execute();
  return rows.length >= count;
}

/** The pin of a credential that was enrolled last and is not retired. An index has it first. */
function newestIn(
  db: Kysely<ZkpAuthTables>,
  credentialId: string,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_pins', Row> {
  return db
    .selectFrom('zkp_pins')
    .selectAll()
    .where('credential_id', '=', credentialId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('retired_at_ms', 'is', null)
    .orderBy('enrolled_at_ms', 'desc')
    .orderBy('pin_hash', 'desc')
    .limit(1);
}

async function findOne(db: Kysely<ZkpAuthTables>, pinHash: string): Promise<Pin | null> {
  const row = await db.selectFrom('zkp_pins').selectAll().where('pin_hash', '=', pinHash).executeTakeFirst();
  return row === undefined ? null : pinOf(row);
}

function byEnrolment(a: Pin, b: Pin): number {
  return a.enrolledAtMs - b.enrolledAtMs || (a.pinHash < b.pinHash ? -1 : 1);
}

export function rowOf(pin: Pin): Insertable<ZkpAuthTables['zkp_pins']> {
  return {
    pin_hash: pin.pinHash,
    user_id: pin.userId,
    credential_id: pin.credentialId,
    secret_id: pin.secretId,
    tries: pin.tries,
    max_tries: pin.maxTries,
    carried_tries: pin.carriedTries,
    last_try_at_ms: pin.lastTryAtMs,
    enrolled_at_ms: pin.enrolledAtMs,
    retired_at_ms: pin.retiredAtMs,
    frozen_at_ms: pin.frozenAtMs,
    unlocked_at_ms: pin.unlockedAtMs[0] ?? null,
    unlocked_before_ms: pin.unlockedAtMs[1] ?? null,
    ...outstandingOf(pin),
  };
}

function outstandingOf({ outstanding }: Pin): Pick<Row, 'outstanding' | 'answered'> {
  const { questions, answers } = formatOutstandingTries(outstanding);
  return { outstanding: questions, answered: answers };
}

function pinOf(row: Row): Pin {
  const [tries, maxTries] = [integerOf(row.tries), integerOf(row.max_tries)];
  const carriedTries = integerOf(row.carried_tries);
  // A damaged count is an error, never more tries.
  if (!isCount(tries) || !isCount(maxTries) || !isCount(carriedTries))
    throw new Error('zkp_pins: the tries of a pin are damaged');
  return {
    pinHash: row.pin_hash,
    userId: row.user_id,
    credentialId: row.credential_id,
    secretId: row.secret_id,
    tries,
    maxTries,
    carriedTries,
    lastTryAtMs: millisecondsOf(row.last_try_at_ms),
    enrolledAtMs: integerOf(row.enrolled_at_ms),
    retiredAtMs: millisecondsOf(row.retired_at_ms),
    frozenAtMs: millisecondsOf(row.frozen_at_ms),
    unlockedAtMs: [row.unlocked_at_ms, row.unlocked_before_ms]
      .map(millisecondsOf)
      .filter((atMs) => atMs !== null),
    outstanding: parseOutstandingTries({ questions: row.outstanding, answers: row.answered }),
  };
}
