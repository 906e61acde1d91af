#!/bin/sh
# Subject:  Kysely's Migrator that is given a transaction, and a migration that fails.
# Versions: kysely 0.29.9, pg 8.23.1, Debian's PostgreSQL 15, on Node.js 22 or newer.
# Expected: The result has the error of the migration. After the rollback nothing is left of the attempt.
# Happens:  The Migrator takes an advisory lock of the session also in a transaction. When the migration fails, it
#           gives the lock back by a statement of the same transaction, which is aborted by then. So the result has
#           "current transaction is aborted" instead of the cause, and the lock stays on the pooled connection after the
#           rollback: the next Migrator on another connection waits for up to an hour.
# Source:   https://github.com/kysely-org/kysely/pull/1919 made the lock one of the session.
set -eu
if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q install -y --no-install-recommends postgresql >/dev/null
fi
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
folder=$(mktemp -d)
postgres=
trap 'kill -INT $postgres 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
as=
if [ "$(id -u)" = 0 ]; then
  as='setpriv --reuid=postgres --regid=postgres --clear-groups'
  chown postgres "$folder"
fi
cd "$folder"
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
$as "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" -c fsync=off \
  >/dev/null 2>&1 &
postgres=$!
until "$bin/pg_isready" -q -h "$folder"; do sleep 0.1; done
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts kysely@0.29.9 pg@8.23.1

cat >try.js <<'JS'
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';

const config = { host: process.cwd(), user: 'postgres', database: 'postgres' };
const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(config) }) });
const migrations = { first: { up: (open) => sql`select * from a_table_that_is_missing`.execute(open) } };
const provider = { getMigrations: async () => migrations };
for (const how of ['by itself', 'in a transaction']) {
  let error;
  if (how === 'by itself') ({ error } = await new Migrator({ db, provider }).migrateToLatest());
  else {
    const failing = db.transaction().execute(async (transaction) => {
      ({ error } = await new Migrator({ db: transaction, provider }).migrateToLatest());
      throw error;
    });
    await failing.catch(() => undefined);
  }
  const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory'`.execute(db);
  console.log(`${how}: ${error.message}; locks left: ${rows.length}`);
}
await db.destroy();
JS

seen=$(node try.js)
echo "$seen"
test "$seen" = 'by itself: relation "a_table_that_is_missing" does not exist; locks left: 0
in a transaction: current transaction is aborted, commands ignored until end of transaction block; locks left: 1'
