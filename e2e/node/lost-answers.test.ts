import { VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { encodeBase64url } from '@zkp-auth/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fault, faults, type GenuineAnswer, type Middlebox, startMiddlebox } from './middlebox.ts';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

// An outage may last long, and the person may try often meanwhile. The right PIN never has to wait, and is never
// locked.

const isLong = process.env['LONG'] === 'all';
const pin = '482913';
const wrongPin = '738294';
/** More tries than it takes to lock a PIN. */
const times = 12;

let server: TestServer;
let box: Middlebox;
let records: Records;
let client: ZkpAuthClient;
let userId: string;
const earlier = new Map<string, GenuineAnswer>();

/** A new page in the same browser. It knows only the data on disk. */
const reload = (): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${box.url}/auth`,
    origin: box.url,
    storage: new VaultKeyStorage(records),
    timeoutMs: 5_000,
  });
const code = (expected: string) => expect.objectContaining({ code: expected });
const fault = (name: string) => faults.find((each) => each.name === name) as Fault;
const attemptsLeft = async () =>
  (await server.auth.listPins(userId))
    .filter(({ retiredAtMs }) => retiredAtMs === null)
    .map((each) => each.attemptsLeft);
const kept = () => [...records.values.values()].flatMap(({ returns = [] }) => returns);

const operations: Record<string, (of: ZkpAuthClient) => Promise<unknown>> = {
  login: (of) => of.login(userId, pin),
  exportKeyBlob: (of) => of.exportKeyBlob(userId, pin),
  changePin: (of) => of.changePin(userId, pin, wrongPin),
};

let users = 0;
beforeEach(async () => {
  // A pause is a random share of its bound. These pauses are longer than the lifetime of a challenge, so each proof is
  // sent once. proofs-sent-again.test.ts covers proofs that are sent again.
  vi.spyOn(Math, 'random').mockReturnValue(1_000_000);
  let upstream = '';
  box = await startMiddlebox(() => upstream, earlier);
  server = await startServer({ origins: [box.url] });
  upstream = server.url;
  records = new Records();
  userId = `person-${users++}`;
  client = reload();
  await client.register(userId, pin);
  await client.login(userId, pin);
  await client.exportKeyBlob(userId, pin);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await box.stop();
  await server.stop();
});

describe.each(Object.entries(operations))('%s', (name, run) => {
  const route = { login: '/verify', exportKeyBlob: '/open-key', changePin: '/open-key' }[name];
  const ways = ['503 with a page', '429 with a page', 'nothing', 'half an answer', 'yesterday’s answer'];

  const cases = ways.flatMap((way, nth) =>
    [true, false].map((reaches) => {
      // The long form tries each way in one page and in a new page after each try. The short form alternates, and uses
      // both kinds of pages for each way.
      const pages = isLong ? [true, false] : [reaches === (nth % 2 === 0)];
      return { way, reaches, pages };
    }),
  );
  it.each(cases)(
    'whose proof is answered by $way, acted on: $reaches, a dozen times, costs no try, in one page: $pages',
    async ({ way, reaches, pages }) => {
      for (const inOnePage of pages) {
        box.break((_, path) => path === route, fault(way), reaches);
        for (let n = 0; n < times; n++) {
          const page = inOnePage ? client : reload();
          await expect(run(page)).rejects.toEqual(
            expect.objectContaining({
              code: expect.stringMatching(/^(?:INVALID_RESPONSE|NETWORK_ERROR)$/),
            }),
          );
        }
        box.mend();
        const session = await reload().login(userId, pin);
        expect(session.failedPinTries).toBe(0);
        expect(new Set(await attemptsLeft())).toEqual(new Set([10]));
      }
    },
  );
});

it.each(['never sent', 'refused by the application’s server'])(
  'a confirmation that is %s, a dozen times, costs no try',
  async (outcome) => {
    for (let n = 0; n < times; n++) {
      const { headers } = await client.confirm('pay', '{"amount":1}', pin);
      if (outcome === 'never sent') continue;
      // A proxy may change the body, or the path that the DPoP proof names.
      const response = await client.fetch('/pay', { method: 'POST', headers, body: '{"amount":1000}' });
      expect(response.status).toBe(403);
    }
    expect(server.payments).toEqual([]);
    expect((await reload().login(userId, pin)).failedPinTries).toBe(0);
    expect(new Set(await attemptsLeft())).toEqual(new Set([10]));
  },
);

it('a question whose answer is lost a dozen times in one page costs no try', async () => {
  for (const way of ['503 with a page', 'nothing', 'half an answer']) {
    box.break((_, path) => path === '/challenge', fault(way), true);
    for (let n = 0; n < times; n++) {
      await expect(client.login(userId, pin)).rejects.toHaveProperty('code');
      // A person who is not sure tries another PIN as well. That one counts as a try, and stays counted.
      if (n === 5) await expect(client.login(userId, wrongPin)).rejects.toHaveProperty('code');
    }
    box.mend();
    const session = await client.login(userId, pin);
    expect(session.failedPinTries, 'the wrong one').toBe(1);
    await client.idle();
    expect(await attemptsLeft()).toContain(10);
  }
});

it('a page that was reloaded has forgotten its question: that costs one try for each page, which the next login makes good', async () => {
  box.break((_, path) => path === '/challenge', fault('nothing'), true);
  for (let n = 0; n < 3; n++)
    await expect(reload().login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
  box.mend();
  const page = reload();
  expect((await page.login(userId, pin)).failedPinTries).toBe(3);
  await page.idle();
  expect(new Set(await attemptsLeft())).toEqual(new Set([10]));
});

describe('what is kept of a try', () => {
  it('is on the disk before the proof is sent, and goes when the server has given the try back', async () => {
    expect(kept()).toEqual([]);
    box.break((_, path) => path === '/verify', fault('nothing'), true);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    expect(kept()).toHaveLength(1);
    box.mend();
    await reload().login(userId, pin);
    expect(kept()).toEqual([]);
  });

  it('is no secret, and no proof that signs in: the thief of a record gets nothing by it', async () => {
    box.break((_, path) => path === '/verify', fault('nothing'), false);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    box.mend();
    const [returned] = kept() as [Record<string, string>];
    expect(Object.keys(returned).toSorted()).toEqual([
      'audience',
      'challenge',
      'challengeId',
      'origin',
      'pinId',
      'proof',
    ]);
    const [key] = await client.listLocalKeys();
    const body = { ...returned, userId, credentialId: key?.credentialId };
    for (const path of ['/verify', '/open-key']) {
      const answer = await fetch(`${server.url}/auth${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('is no more than ten, the newest, however long it goes on', async () => {
    box.break((_, path) => path === '/verify', fault('nothing'), false);
    for (let n = 0; n < 25; n++)
      await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    // Each question carries the earlier questions. The server gives back their tries, and the next question replaces
    // them.
    expect(kept().length).toBeLessThanOrEqual(10);
  });

  it('damaged on the disk keeps nobody from signing in', async () => {
    box.break((_, path) => path === '/verify', fault('nothing'), true);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    box.mend();
    for (const damage of [
      null,
      {},
      'x',
      [{}],
      [null],
      ['x'],
      [{ ...(kept()[0] as object), proof: encodeBase64url(new Uint8Array(64)) }],
    ]) {
      for (const [id, value] of records.values)
        records.values.set(id, { ...value, returns: damage as unknown[] });
      await expect(reload().login(userId, pin)).resolves.toBeDefined();
    }
  });

  it('cannot be written: the sign-in goes on, and the application is told', async () => {
    const told: unknown[] = [];
    const full = new ZkpAuthClient({
      baseUrl: `${box.url}/auth`,
      origin: box.url,
      storage: new VaultKeyStorage(records),
      onBackgroundError: (error) => void told.push(error),
    });
    vi.spyOn(records, 'put').mockRejectedValue(new Error('disk is full'));
    await expect(full.login(userId, pin)).resolves.toMatchObject({ failedPinTries: 0 });
    await full.idle();
    expect(told).toContainEqual(code('STORAGE_ERROR'));
  });

  it('is kept until a sign-in shows that the server has given all tries back, and not only handed in once', async () => {
    box.break((_, path) => path === '/verify', fault('nothing'), false);
    for (let n = 1; n <= 4; n++) {
      await expect(reload().login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
      expect(kept()).toHaveLength(n);
    }
    box.mend();
    await reload().login(userId, pin);
    expect(kept()).toEqual([]);
  });

  it('of a blob that could not be imported comes back with the next import', async () => {
    const blob = await client.exportKeyBlob(userId, pin);
    records = new Records();
    box.break((_, path) => path === '/open-key', fault('503 with a page'), false);
    for (let n = 0; n < times; n++) {
      await expect(reload().importKeyBlob(blob, pin)).rejects.toEqual(code('INVALID_RESPONSE'));
      expect(await reload().listLocalKeys()).toEqual([]);
      expect(await reload().hasLocalKey(userId)).toBe(false);
    }
    box.mend();
    await reload().importKeyBlob(blob, pin);
    expect(kept()).toEqual([]);
    await expect(reload().login(userId, pin)).resolves.toMatchObject({ failedPinTries: 0 });
    expect(new Set(await attemptsLeft())).toEqual(new Set([10]));
  });

  it('goes with the key that is removed', async () => {
    box.break((_, path) => path === '/verify', fault('nothing'), true);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    box.mend();
    await client.removeLocalKey(userId);
    expect([...records.values]).toEqual([]);
  });
});
