import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryChallengeStore, isZkpAuthError, openPinAssistance } from '../../src/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore, SqlSessionStore } from '../../src/sql/index.js';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import { Opener } from '../link-client.js';
import { newPin, pin, revealedLink, startLinkServer } from '../link-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';

let every: EveryStore;
const sqlite = createSqliteFolder();
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => Promise.all([every.stop(), sqlite.remove()]));

describe.each(storeNames)('a link whose answers are lost, on %s', (name) => {
  it('is the same after each request was sent twice, and the device gets in', async () => {
    const server = await startLinkServer(await every.open(name));
    const e = await server.signIn();
    const { linkId: lost } = { ...(await e.open()) };
    await e.open();
    expect(await e.read(lost)).toEqual({ state: 'ended' });

    const n = await server.newDevice().claim(e.code, newPin);
    await n.claim(e.code, newPin);
    const offer = n.offerBody();
    expect(await n.offer(offer)).toMatchObject({ state: 'offered' });
    expect(await n.offer(offer)).toMatchObject({ state: 'offered' });
    const seen = await e.look();
    expect(await e.look()).toEqual(seen);
    await e.reveal();
    await expect(e.reveal()).rejects.toMatchObject({ code: 'LINK_STATE_CHANGED' });
    expect(await e.look()).toEqual(seen);
    expect(await n.offer(offer)).toMatchObject({ state: 'revealed' });
    expect(await n.digits()).toBe(e.digits(seen));
    const approval = await e.approval(seen, pin);
    await e.approve(approval);
    await expect(e.approve(approval)).rejects.toMatchObject({ code: 'LINK_STATE_CHANGED' });
    expect(await e.read()).toEqual({ state: 'approved' });
    expect(await n.offer(offer)).toEqual({ state: 'approved' });
    expect(await n.login(server.auth, newPin)).toMatchObject({ credentialId: n.credentialId });
  });
});

/** A database that dies at a statement, and takes its open transaction with it. */
function openDying(file: string) {
  const database = new Database(sqlite.path(file));
  let [left, isDead] = [Infinity, false];
  const step = (): void => {
    if (isDead || left-- <= 0) {
      isDead = true;
      throw new Error('killed');
    }
  };
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({
      database: {
        close: () => void database.close(),
        prepare(text) {
          const statement = database.prepare(text);
          const { reader } = statement;
          return {
            reader,
            all: (parameters) => (step(), statement.all(parameters)),
            run: (parameters) => (step(), statement.run(parameters)),
            iterate: (parameters) => statement.iterate(parameters),
          };
        },
      },
    }),
  });
  return {
    db,
    dieIn: (statements: number) => void (left = statements),
    get isDead() {
      return isDead;
    },
    close: () => void database.close(),
  };
}
const storesIn = (db: Kysely<unknown>) => ({
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new SqlCredentialStore(db),
    sessions: new SqlSessionStore(db),
  },
  pins: new SqlPinStore(db),
});

describe('a server that is killed in the middle of a request', () => {
  const acts = ['open', 'offer', 'reveal', 'approve', 'reject'] as const;

  it.each(acts)(
    'leaves all or nothing of %s, at each of its statements, and the link goes on',
    async (act) => {
      const file = `${randomBytes(6).toString('hex')}.db`;
      const db = sqlite.open<unknown>(file);
      await migrateSqlStores(db);
      const { stores, pins } = storesIn(db);
      const server = await startLinkServer({ stores, pins });
      for (let statements = 0; ; statements++) {
        const dying = openDying(file);
        const other = storesIn(dying.db);
        const pinAssistance = await openPinAssistance({ store: other.pins, secrets: server.secrets });
        const killed = await server.start({ stores: other.stores, pinAssistance });
        const e = await server.signIn();
        const until = await prepare(act);
        dying.dieIn(statements);
        const outcome = await until.run().then(
          () => 'done',
          (error: unknown) => (isZkpAuthError(error) ? error.code : String(error)),
        );
        dying.close();
        await until.goOn();
        if (!dying.isDead) {
          expect([outcome, statements > 1]).toEqual(['done', true]);
          return;
        }

        async function prepare(
          name: typeof act,
        ): Promise<{ run(): Promise<unknown>; goOn(): Promise<void> }> {
          // The same session, at the server that will be killed.
          const at = (): Opener =>
            Object.assign(new Opener(killed.calls, e.browser, e.key), {
              linkId: e.linkId,
              code: e.code,
              nonce: e.nonce,
            });
          if (name === 'open') return { run: () => at().open(), goOn: () => finish(e.open()) };
          if (name === 'reveal' || name === 'offer') {
            const n = await server.newDevice().claim((await e.open()).code);
            const body = n.offerBody();
            if (name === 'reveal') await n.offer(body);
            const run = () => (name === 'reveal' ? at().reveal() : killed.calls.offerLink(body));
            return {
              run,
              async goOn() {
                await n.offer(body);
                const seen = await e.look();
                if ((await e.read()).state === 'offered') await e.reveal();
                expect(await n.digits()).toBe(e.digits(seen));
                await e.approve(await e.approval(seen));
                await n.login(server.auth);
                await server.auth.revokeCredential('alice', n.credentialId);
              },
            };
          }
          const { device, seen } = await revealedLink(server, e);
          const there = at();
          const body = await there.approval(seen);
          return {
            run: () => (name === 'approve' ? there.approve(body) : there.reject()),
            async goOn() {
              const { state } = await e.read();
              const added = await server.credentials.find('alice', device.credentialId);
              const enrolled = await server.pins.listOf(device.credentialId);
              expect([added !== null, enrolled.length]).toEqual(
                state === 'approved' ? [true, 1] : [false, 0],
              );
              if (name === 'reject' && state === 'revealed') await e.reject();
              if (name === 'reject') return;
              if (state === 'revealed') await e.approve(await e.approval(seen));
              await device.login(server.auth, newPin);
              await server.auth.revokeCredential('alice', device.credentialId);
            },
          };
        }
      }
    },
  );
});

async function finish(opened: Promise<Opener>): Promise<void> {
  expect(await (await opened).read()).toMatchObject({ state: 'open' });
}
