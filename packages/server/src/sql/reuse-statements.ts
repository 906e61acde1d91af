import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** All stores together have fewer. An application may have any number of queries of its own. */
const maxStatements = 256;

/** Statements that SQLite executes when they run. It executes some pragmas already when it prepares them. */
const isReusable = /^(?:select|insert|update|delete|with|begin|commit|rollback)\b/i;

/**
 * A better-sqlite3 database that prepares each statement once and keeps it. Kysely alone prepares a statement for
 * each run, which is half of the cost of a new session.
 */
export function reuseStatements(database: SqliteDatabase): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = kept.get(sql);
      if (known !== undefined) return known;
      const prepared = database.prepare(sql);
      if (!isReusable.test(sql)) return prepared;
      const statement: SqliteStatement = {
        reader: prepared.reader,
        all: (parameters) => prepared.all(parameters),
        run: (parameters) => prepared.run(parameters),
        // A statement that is being iterated cannot run again, so an iteration gets a statement of its own.
        iterate: (parameters) => database.prepare(sql).iterate(parameters),
      };
      const [oldest] = kept.keys();
      if (kept.size === maxStatements) kept.delete(oldest as string);
      kept.set(sql, statement);
      return statement;
    },
  };
}
