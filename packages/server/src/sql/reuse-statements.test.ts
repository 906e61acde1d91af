import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reuseStatements } from './reuse-statements.js';

interface Tables {
  notes: { id: number; text: string };
}

describe('reuseStatements', () => {
  let database: Database.Database;
  let prepared: string[];
  let db: Kysely<Tables>;
  beforeEach(async () => {
    database = new Database(':memory:');
    prepared = [];
    const counting = {
      close: () => database.close(),
      prepare: (text: string) => {
        prepared.push(text);
        return database.prepare(text);
      },
    };
    db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: reuseStatements(counting) }) });
    await sql`create table notes (id integer primary key, text text not null)`.execute(db);
    prepared.length = 0;
  });
  afterEach(() => db.destroy());
  const write = (id: number, text = `note ${id}`) => db.insertInto('notes').values({ id, text }).execute();
  const read = () => db.selectFrom('notes').selectAll().orderBy('id').execute();

  it('prepares what is said again once, with its own parameters and results each time', async () => {
    for (const id of [1, 2, 3]) {
      await write(id);
      expect((await read()).at(-1)).toEqual({ id, text: `note ${id}` });
    }
    const { numUpdatedRows } = await db.updateTable('notes').set({ text: '' }).executeTakeFirstOrThrow();
    expect(numUpdatedRows).toBe(3n);
    expect(prepared).toHaveLength(3);
  });

  it('a statement that failed, or was rolled back, works the next time', async () => {
    await write(1);
    await expect(write(1)).rejects.toThrow(/UNIQUE/);
    for (const outcome of ['undone', 'undone again'])
      await expect(
        db.transaction().execute(async (transaction) => {
          await transaction.insertInto('notes').values({ id: 2, text: outcome }).execute();
          throw new Error(outcome);
        }),
      ).rejects.toThrow(outcome);
    await db
      .transaction()
      .execute((transaction) => transaction.insertInto('notes').values({ id: 2, text: 'kept' }).execute());
    expect(await read()).toEqual([
      { id: 1, text: 'note 1' },
      { id: 2, text: 'kept' },
    ]);
    expect(prepared.filter((text) => /^(?:insert|begin|commit|rollback)/.test(text))).toHaveLength(4);
  });

  it('the same query may be asked while its rows are being read', async () => {
    for (const id of [1, 2, 3]) await write(id);
    const query = db.selectFrom('notes').selectAll().orderBy('id');
    const { sql: text, parameters } = query.compile();
    const statement = reuseStatements(database).prepare(text);
    const seen: unknown[] = [];
    for (const row of statement.iterate(parameters)) seen.push(row, statement.all(parameters).length);
    expect(seen).toHaveLength(6);
    expect(seen[5]).toBe(3);
    const streamed = [];
    for await (const { id } of query.stream()) streamed.push(id);
    expect(streamed).toEqual([1, 2, 3]);
  });

  it('sees a table as it has become', async () => {
    await write(1);
    expect(await read()).toEqual([{ id: 1, text: 'note 1' }]);
    await sql`alter table notes add column colour text default 'red'`.execute(db);
    expect(await read()).toEqual([{ id: 1, text: 'note 1', colour: 'red' }]);
    await sql`drop table notes`.execute(db);
    await expect(read()).rejects.toThrow(/no such table/);
    await sql`create table notes (text text, id integer primary key)`.execute(db);
    await write(2);
    expect(await read()).toEqual([{ text: 'note 2', id: 2 }]);
  });

  it('keeps nothing but what reads and writes rows, and holds transactions together', async () => {
    for (const on of [0, 1, 0]) {
      await sql`pragma foreign_keys = ${sql.raw(String(on))}`.execute(db);
      const { rows } = await sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(db);
      expect(rows).toEqual([{ foreign_keys: on }]);
    }
    expect(prepared).toHaveLength(6);
  });

  it('is bounded: what was prepared first goes first', async () => {
    const ask = (n: number) => sql`select ${sql.raw(String(n))} as n`.execute(db);
    for (let n = 0; n <= 256; n++) expect((await ask(n)).rows).toEqual([{ n }]);
    expect(prepared).toHaveLength(257);
    await ask(256);
    await ask(1);
    expect(prepared).toHaveLength(257);
    expect((await ask(0)).rows).toEqual([{ n: 0 }]);
    expect(prepared).toHaveLength(258);
  });

  it('closes the database', async () => {
    await read();
    await db.destroy();
    expect(database.open).toBe(false);
  });
});
