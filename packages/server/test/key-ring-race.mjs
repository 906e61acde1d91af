// A process that tests start, with a ring of signing keys. It obeys its parent.
import Database from 'better-sqlite3';
import { FileKeyRingStore, openKeyRing, sealKeyRing } from '@zkp-auth/server';
import { setUpSqlite, SqlKeyRingStore } from '@zkp-auth/server/sql';
import { jwtVerify, SignJWT } from 'jose';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

const { file, sqlite, postgres } = JSON.parse(process.argv[2]);
const store = file === undefined ? new SqlKeyRingStore(openDatabase()) : new FileKeyRingStore(file);
/** A clock that stands still until the parent moves it. `null` is the machine's clock. */
let clockMs = null;
let ring;

const stateOf = () => ({
  active: ring.active().kid,
  kids: ring.jwks().keys.map(({ kid }) => kid),
  secrets: ring.sessionSecrets().map(({ id }) => id),
});

const commands = {
  async open(options) {
    clockMs = options.nowMs ?? null;
    ring = await openKeyRing({ ...options, store, now: () => clockMs ?? Date.now() });
    return stateOf();
  },
  async rotate({ nowMs }) {
    clockMs = nowMs;
    const outcome = await ring.rotate().then(
      () => 'rotated',
      (error) => error.code,
    );
    return { outcome, ...stateOf() };
  },
  async issue() {
    const { alg, kid, privateKey } = ring.active();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg, kid })
      .setExpirationTime('2s')
      .sign(privateKey);
    return { token, kid };
  },
  async refused({ tokens }) {
    const keyOf = async ({ kid }) => (await ring.find(kid))?.publicKey;
    const verified = await Promise.allSettled(tokens.map((token) => jwtVerify(token, keyOf)));
    return verified.flatMap(({ reason }) => (reason === undefined ? [] : [String(reason)]));
  },
  async rotateForever() {
    for (;;) {
      await ring.rotate({ force: true });
      process.send({ answer: ring.active().kid });
    }
  },
  async sealForever({ envs }) {
    for (;;) {
      for (const env of envs) await sealKeyRing({ store, env });
      process.send({ answer: 'sealed' });
    }
  },
};

process.on('message', ({ command, options }) => {
  commands[command](options ?? {}).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: String(error) }),
  );
});
process.send({ answer: 'ready' });

function openDatabase() {
  if (postgres !== undefined) {
    return new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ ...postgres, max: 2 }) }) });
  }
  const database = () => setUpSqlite(new Database(sqlite));
  return new Kysely({ dialect: new SqliteDialect({ database }) });
}
