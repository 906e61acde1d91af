import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { isCount } from '../checked-integer.js';
import { decideTry, enrolledPin } from '../pin/try-policy.js';
import {
  formatOutstandingTries,
  formatQuestion,
  parseOutstandingTries,
} from '../stores/outstanding-tries.js';
import type { NewPin, Pin, PinStore, PinTry, TryOutcome } from '../stores/pin-store.js';
import { integerOf } from './integer-of.js';
import { isSameDatabase } from './is-same-database.js';
import { millisecondsOf } from './milliseconds.js';
import type { ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';

type Row = Selectable<ZkpAuthTables['zkp_pins']>;

/**
 * Enrolled pinIds and their tries in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores}
 * first. SQLite in WAL mode keeps a counted try through a loss of power only with `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const pinAssistance = await openPinAssistance({ store: new SqlPinStore(db), secretFile });
 * ```
 */
export class SqlPinStore implements PinStore {
  readonly #db: Kysely<ZkpAuthTables>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
  }

  async enrol(pin: NewPin, retire?: string): Promise<void> {
    const row = rowOf(enrolledPin(pin));
    if (retire === undefined) {
      await this.#db.insertInto('zkp_pins').values(row).execute();
      return;
    }
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('zkp_pins')
        .set({ retired_at_ms: pin.enrolledAtMs })
        .where('pin_hash', '=', retire)
        .where('credential_id', '=', pin.credentialId)
        .where('retired_at_ms', 'is', null)
        .execute();
      await transaction.insertInto('zkp_pins').values(row).execute();
    });
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
      .where(without, '<>', sql.ref<string>('outstanding'))
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async grantTries(credentialId: string, count: number, pinHash?: string): Promise<number> {
    const result = await this.#db
      .updateTable('zkp_pins')
      .set((column) => ({ max_tries: column('max_tries', '+', count), last_try_at_ms: null }))
      .where('credential_id', '=', credentialId)
      .where('retired_at_ms', 'is', null)
      .whereRef('tries', '>=', 'max_tries')
      .$if(pinHash !== undefined, (update) => update.where('pin_hash', '=', pinHash as string))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  async retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_pins')
      .set({ retired_at_ms: atMs })
      .where('pin_hash', '=', pinHash)
      .where('credential_id', '=', credentialId)
      .where('retired_at_ms', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async retireAllOf(credentialId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('zkp_pins')
      .set({ retired_at_ms: atMs })
      .where('credential_id', '=', credentialId)
      .where('retired_at_ms', 'is', null)
      .execute();
  }

  async find(pinHash: string): Promise<Pin | null> {
    const row = await this.#db
      .selectFrom('zkp_pins')
      .selectAll()
      .where('pin_hash', '=', pinHash)
      .executeTakeFirst();
    return row === undefined ? null : pinOf(row);
  }

  async listOf(credentialId: string): Promise<Pin[]> {
    const rows = await this.#db
      .selectFrom('zkp_pins')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .orderBy('enrolled_at_ms')
      .orderBy('pin_hash')
      .execute();
    return rows.map(pinOf);
  }

  async secretIds(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('zkp_pins')
      .select('secret_id')
      .distinct()
      .where('retired_at_ms', 'is', null)
      .execute();
    return rows.map((row) => row.secret_id);
  }

  async forgetRetired(beforeMs: number): Promise<number> {
    const result = await this.#db
      .deleteFrom('zkp_pins')
      .where('retired_at_ms', '<', beforeMs)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  /** Whether its pins are in the tables of this database. */
  isIn(db: Kysely<ZkpAuthTables>): boolean {
    return isSameDatabase(this.#db, db);
  }

  /** Put a pin in place of what was read, where it has not changed since. */
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
      .where('last_try_at_ms', read.lastTryAtMs === null ? 'is' : '=', read.lastTryAtMs)
      .where('retired_at_ms', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}

export function rowOf(pin: Pin): Insertable<ZkpAuthTables['zkp_pins']> {
  return {
    pin_hash: pin.pinHash,
    user_id: pin.userId,
    credential_id: pin.credentialId,
    secret_id: pin.secretId,
    tries: pin.tries,
    max_tries: pin.maxTries,
    last_try_at_ms: pin.lastTryAtMs,
    enrolled_at_ms: pin.enrolledAtMs,
    retired_at_ms: pin.retiredAtMs,
    ...outstandingOf(pin),
  };
}

function outstandingOf({ outstanding }: Pin): Pick<Row, 'outstanding' | 'answered'> {
  const { questions, answers } = formatOutstandingTries(outstanding);
  return { outstanding: questions, answered: answers };
}

function pinOf(row: Row): Pin {
  const [tries, maxTries] = [integerOf(row.tries), integerOf(row.max_tries)];
  // A damaged count is an error, never more tries.
  if (!isCount(tries) || !isCount(maxTries)) throw new Error('zkp_pins: the tries of a pin are damaged');
  return {
    pinHash: row.pin_hash,
    userId: row.user_id,
    credentialId: row.credential_id,
    secretId: row.secret_id,
    tries,
    maxTries,
    lastTryAtMs: millisecondsOf(row.last_try_at_ms),
    enrolledAtMs: integerOf(row.enrolled_at_ms),
    retiredAtMs: millisecondsOf(row.retired_at_ms),
    outstanding: parseOutstandingTries({ questions: row.outstanding, answers: row.answered }),
  };
}
