#!/bin/sh
# Subject:  Kysely's PostgresDialect over a Pool of pg whose "error" event has a listener, and a PostgreSQL that restarts.
# Versions: kysely 0.29.9, pg 8.23.1, Debian's PostgreSQL 15, on Node.js 22 or newer.
# Expected: With pool.on('error'), as pg's documentation asks, the loss of a connection ends no process. A query or a
#           transaction that was under way rejects.
# Happens:  They reject, and the client emits "error" as well. The pool listens to a client only while it is idle, and
#           Kysely takes clients by pool.connect() and does not listen to them. So nobody hears it, and by default the
#           process ends. A listener on each client, in the pool's "connect" event, is needed too.
# Source:   https://node-postgres.com/apis/pool#events, https://node-postgres.com/apis/client#events
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
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

const config = { host: process.cwd(), user: 'postgres', database: 'postgres' };
let unheard = 0;
process.on('uncaughtException', () => void unheard++);
for (const isHeard of [false, true]) {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  if (isHeard) pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const query = sql`select pg_sleep(60)`.execute(db);
  const transaction = db.transaction().execute(async (open) => {
    await sql`select 1`.execute(open);
    await sleep(1_000);
    await sql`select 2`.execute(open);
  });
  const settled = Promise.allSettled([query, transaction]);
  await sleep(300);
  const admin = new pg.Client(config);
  await admin.connect();
  // As a restart does to each connection.
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
  await admin.end();
  const outcomes = await settled;
  console.log(`listener on each client: ${isHeard}; ${outcomes.map(({ status }) => status).join(', ')}; errors that nobody heard: ${unheard > 0 ? 'some' : 'none'}`);
  unheard = 0;
  await db.destroy();
}
JS

seen=$(node try.js)
echo "$seen"
test "$seen" = 'listener on each client: false; rejected, rejected; errors that nobody heard: some
listener on each client: true; rejected, rejected; errors that nobody heard: none'
