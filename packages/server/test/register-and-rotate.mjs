// A process that tests start. A user registers with a PIN and replaces the key, twice. The process kills itself by
// SIGKILL right before the statement or command of the given number, and tells if there was none.
import Database from 'better-sqlite3';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import * as core from '@zkp-auth/core';
import {
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemorySessionStore,
  openPinAssistance,
} from '@zkp-auth/server';
import { RedisPinStore } from '@zkp-auth/server/redis';
import { setUpSqlite, SqlCredentialStore, SqlPinStore } from '@zkp-auth/server/sql';
import { Redis } from 'ioredis';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Client, Pool } from 'pg';

const { sqlite, postgres, redisPath, secretFile, userId, dieAt } = JSON.parse(process.argv[2]);
const [origin, audience] = ['https://app.example', 'https://api.example'];
let [isCounting, steps] = [false, 0];
/** Count each call of a method as a step. */
const count = (target, method) => {
  const original = target[method];
  target[method] = function (...args) {
    if (isCounting && ++steps === dieAt) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, args);
  };
};

const db = new Kysely({ dialect: postgres === undefined ? openSqlite() : openPostgres() });
const redis = redisPath === undefined ? undefined : new Redis({ path: redisPath });
if (redis !== undefined) count(redis, 'sendCommand');
const record = new SqlPinStore(db);
const auth = createZkpAuth({
  origins: [origin],
  audiences: [audience],
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new SqlCredentialStore(db),
    sessions: new InMemorySessionStore(),
  },
  keys: await generateSigningKeys(),
  sessions: { carriage: 'bearer', unbound: 'allow' },
  pinAssistance: await openPinAssistance({
    store: redis === undefined ? record : new RedisPinStore(redis, record),
    secretFile,
  }),
});

isCounting = true;
let keys = core.generateKeyPair();
await register();
for (let n = 0; n < 2; n++) await rotate();
isCounting = false;
await db.destroy();
process.send(steps, () => {
  redis?.disconnect();
  process.disconnect();
});

async function register() {
  const { publicKey } = keys;
  const asked = await ask('register', core.credentialIdOf(publicKey));
  const context = core.registerContext({ publicKey, pinId: asked.pinId });
  const publicKeyText = core.encodeBase64url(publicKey);
  const body = { ...prove(keys, 'register', asked, context), publicKey: publicKeyText, pin: asked.pin };
  await auth.routes.register(body);
}

async function rotate() {
  const newKeys = core.generateKeyPair();
  const credentialId = core.credentialIdOf(keys.publicKey);
  const asked = await ask('rotate-key', credentialId);
  const context = core.newKeyContext({ newPublicKey: newKeys.publicKey, newPinId: asked.pinId });
  await auth.routes.rotateKey({
    ...prove(keys, 'rotate-key', asked, context),
    credentialId,
    newPublicKey: core.encodeBase64url(newKeys.publicKey),
    newProof: prove(newKeys, 'rotate-key', asked, context).proof,
    pin: asked.pin,
  });
  keys = newKeys;
}

async function ask(purpose, credentialId) {
  const { blinded } = ristretto255_oprf.oprf.blind(Buffer.from('493817'));
  const pin = { blinded: Buffer.from(blinded).toString('base64url') };
  const { body: answer } = await auth.routes.challenge({ purpose, userId, credentialId, pin });
  const { id } = answer.pin;
  return { ...answer, pin: { id }, pinId: core.decodeBase64url(id) };
}

function prove({ publicKey, secretKey }, purpose, { challengeId, challenge }, context) {
  const bound = { userId, challengeId, origin, audience };
  const message = core.buildMessage({
    ...bound,
    purpose,
    credentialId: core.credentialIdOf(publicKey),
    challenge: core.decodeBase64url(challenge, 32),
    context,
  });
  return { ...bound, proof: core.encodeBase64url(core.computeProof(secretKey, message)) };
}

function openSqlite() {
  const database = new Database(sqlite);
  const { prototype } = database.prepare('select 1').constructor;
  for (const method of ['run', 'all']) count(prototype, method);
  return new SqliteDialect({ database: () => setUpSqlite(database) });
}

function openPostgres() {
  count(Client.prototype, 'query');
  return new PostgresDialect({ pool: new Pool({ ...postgres, max: 4 }) });
}
