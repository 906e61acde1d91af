#!/bin/sh
# Subject:  Kysely's Migrator through PgBouncer in transaction mode.
# Versions: kysely 0.29.9, pg 8.23.1, Debian's PostgreSQL 15 and PgBouncer 1.18.0, on Node.js 22 or newer.
# Expected: The migrations run, and the lock that kept other processes from running them is free again.
# Happens:  The lock is one of the session. PgBouncer gives each transaction any of its connections. If another client
#           had the connection of the lock in the meantime, the lock is given back on another one, which PostgreSQL
#           only warns of. It stays on a connection that nobody owns, and the next Migrator waits for up to an hour.
# Source:   https://github.com/kysely-org/kysely/pull/1919, https://www.pgbouncer.org/features.html
set -eu
if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || ! command -v pgbouncer >/dev/null; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q install -y --no-install-recommends postgresql pgbouncer >/dev/null
fi
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
folder=$(mktemp -d)
postgres= pooler=
trap 'kill -INT $postgres $pooler 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
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
cat >pgbouncer.ini <<END
[databases]
* = host=$folder user=postgres
[pgbouncer]
pool_mode = transaction
auth_type = any
listen_addr =
listen_port = 6432
unix_socket_dir = $folder
END
$as "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" --quiet pgbouncer.ini >/dev/null 2>&1 &
pooler=$!
until "$bin/pg_isready" -q -h "$folder" -p 6432; do sleep 0.1; done
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts kysely@0.29.9 pg@8.23.1

cat >try.js <<'JS'
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';

const config = { host: process.cwd(), port: 6432, user: 'postgres', database: 'postgres' };
const other = new pg.Client(config);
await other.connect();
const db = new Kysely({
  dialect: new PostgresDialect({ pool: new pg.Pool(config) }),
  async log({ query }) {
    // Another client has a transaction from the moment on in which the lock was taken.
    if (query.sql.includes('pg_advisory_lock(')) await other.query('begin; select 1');
  },
});
const migrations = { first: { up: (open) => sql`create table made (one integer)`.execute(open) } };
const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
const { error, results } = await migrator.migrateToLatest();
await other.query('commit');
const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory'`.execute(db);
console.log(`${error ?? results[0].status}; locks left: ${rows.length}`);
await other.end();
await db.destroy();
JS

seen=$(node try.js)
echo "$seen"
test "$seen" = 'Success; locks left: 1'
