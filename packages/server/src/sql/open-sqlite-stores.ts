import { access, chmod, constants, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { FileKeyRingStore } from '../keys/file-key-ring-store.js';
import { systemErrorCode } from '../files/system-error.js';
import { loadOptional } from '../load-optional.js';
import { FilePinSecretStore } from '../pin/file-pin-secret-store.js';
import { createSqliteDialect } from './create-sqlite-dialect.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import type { SqliteSetUp } from './set-up-sqlite.js';
import { rowStoresOf, type SqlStores } from './sql-stores.js';

export interface OpenSqliteStoresOptions {
  /** Name of the database file in the folder; default `zkp-auth.db`. */
  file?: string | undefined;
  /** Whether the key files are sealed under `ZKP_AUTH_MASTER_KEY`; default false. */
  encrypt?: boolean | undefined;
}

/** All durable stores in one folder. */
export interface SqliteStores<Tables> extends SqlStores<Tables> {
  /** Close the database. */
  close(): Promise<void>;
}

type DatabaseClass = new (path: string) => SqliteSetUp;

/**
 * All durable stores in one folder: a SQLite database, `signing-keys.json` and `pin-secrets.json`. The first start
 * makes the folder with mode 0700, and the files in it have mode 0600. The tables are created, and brought up to
 * date. The package better-sqlite3 has to be installed.
 *
 * @throws `TypeError` if the folder cannot be used, and SQLite's error if the database cannot be used.
 *
 * @example
 * ```ts
 * const stores = await openSqliteStores<MyTables>('./data');
 * const auth = await openZkpAuth({ origins: ['https://app.example'], stores });
 * const orders = stores.db.selectFrom('orders'); // your own tables, in the same database
 * ```
 */
export async function openSqliteStores<Tables = unknown>(
  folder: string,
  options: OpenSqliteStoresOptions = {},
): Promise<SqliteStores<Tables>> {
  const { file = 'zkp-auth.db', encrypt = false } = options;
  const { default: Database } = await loadOptional<{ default: DatabaseClass }>(
    () => import('better-sqlite3'),
    'better-sqlite3',
  );
  await makeFolder(folder);
  const path = join(folder, file);
  await closeToOthers(path);
  const db = await openDatabase<Tables>(new Database(path));
  return {
    ...rowStoresOf(db),
    keyRing: new FileKeyRingStore(join(folder, 'signing-keys.json')),
    pinSecrets: new FilePinSecretStore(join(folder, 'pin-secrets.json')),
    encrypt,
    close: () => db.destroy(),
  };
}

async function openDatabase<Tables>(database: SqliteSetUp): Promise<Kysely<Tables>> {
  try {
    const db = new Kysely<Tables>({ dialect: await createSqliteDialect(database) });
    await migrateSqlStores(db);
    return db;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError('folder: pass the path of a folder, such as "./data"');
  }
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === false) throw unusable(folder, 'it is a file, not a folder');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const why = `this process cannot make it or write to it (${systemErrorCode(cause)})`;
    throw unusable(folder, why, cause);
  }
}

function unusable(folder: string, why: string, cause?: unknown): TypeError {
  return new TypeError(
    `folder: ${folder} cannot be used: ${why}. Pass a folder of this process's own`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * The folder may have existed already, and may be open to other users. SQLite gives the `-wal` and `-shm` files the
 * mode of the database file.
 */
async function closeToOthers(path: string): Promise<void> {
  await (await open(path, 'a', 0o600)).close();
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    await chmod(file, 0o600).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    });
  }
}
