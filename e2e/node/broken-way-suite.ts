import { type KeyStorage, MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { credentialIdOf, generateKeyPair, isZkpAuthError } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stubAuthenticator } from './fake-authenticator.ts';
import { type Fault, faults, type GenuineAnswer, type Middlebox, startMiddlebox } from './middlebox.ts';
import { startServer, type TestServer } from './test-server.ts';
import { versionOneBlob } from './version-one-blob.ts';

// Whatever stands between client and server, at whichever request: no key, no PIN and no session is lost, and no call
// says that something happened which did not.

const isLong = process.env['LONG'] === 'all';
const pin = '482913';
const newPin = '738294';

let server: TestServer;
let box: Middlebox;
const earlier = new Map<string, GenuineAnswer>();
let users = 0;

const clientOver = (storage: KeyStorage = new MemoryKeyStorage()): ZkpAuthClient =>
  new ZkpAuthClient({ baseUrl: `${box.url}/auth`, origin: box.url, storage, timeoutMs: 5_000 });

/** One person's account, and what they hold of it. */
interface Account {
  userId: string;
  client: ZkpAuthClient;
  sessionId: string;
  /** Of a sign-in elsewhere. */
  otherSessionId: string;
  blob: string;
}

interface Operation {
  name: string;
  /** Beside the account: a backup, a sign-in elsewhere, or a passkey. */
  needs?: readonly ('blob' | 'other' | 'passkey')[];
  /** The account is one of the first generation, whose key has just been brought in. */
  firstGeneration?: boolean;
  run(account: Account): Promise<unknown>;
  /** Whether it has happened at the server, and here, when the call says so. */
  happened(account: Account): Promise<boolean> | boolean;
  /** One of them works afterwards; default the PIN of the registration. */
  pins?: readonly string[];
  /** What may become of this client's session. */
  session?: 'kept' | 'replaced' | 'ended';
  unregistered?: boolean;
  /** Wrong PINs that are entered on the way, by the operation or to find out which PIN counts. */
  wrongTries?: number;
  /** What the person does when the call has failed, beside signing in. */
  again?: (account: Account) => Promise<unknown>;
}

const sessionsOf = async ({ userId }: Account): Promise<string[]> =>
  (await server.auth.listSessions(userId)).map(({ sessionId }) => sessionId);
const livePins = async (userId: string) =>
  (await server.auth.listPins(userId)).filter(({ retiredAtMs }) => retiredAtMs === null);
const paid = ({ userId }: Account): boolean =>
  server.payments.some((payment) => (payment as { by?: unknown }).by === userId);
async function pay({ client, userId }: Account): Promise<void> {
  const body = JSON.stringify({ by: userId });
  const { headers } = await client.confirm('pay', body, pin);
  const sent = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body };
  const response = await client.fetch('/pay', sent);
  if (response.status !== 200) throw new Error(`not paid: ${response.status}`);
}
let carried: ZkpAuthClient;

/** Passkeys are made for a host. All else here has no page: the clients share nothing. */
async function onPage<T>(work: () => Promise<T>): Promise<T> {
  const page = globalThis as { location?: unknown };
  page.location = new URL(box.url);
  try {
    return await work();
  } finally {
    delete page.location;
  }
}

/** Those that open, change or carry a key. */
export const keyOperations: readonly Operation[] = [
  {
    name: 'register',
    unregistered: true,
    session: 'replaced',
    run: ({ client, userId }) => client.register(userId, pin),
    happened: async ({ client, userId }) =>
      (await client.hasLocalKey(userId)) && (await server.auth.listCredentials(userId)).length === 1,
  },
  {
    name: 'login',
    session: 'replaced',
    run: ({ client, userId }) => client.login(userId, pin),
    happened: async (account) => !(await sessionsOf(account)).includes(account.sessionId),
  },
  {
    name: 'login after a wrong PIN, with the renewal of the PIN slot behind it',
    wrongTries: 1,
    session: 'replaced',
    async run({ client, userId }) {
      await client.login(userId, newPin).catch(() => undefined);
      await client.login(userId, pin);
      await client.idle();
    },
    happened: async (account) => !(await sessionsOf(account)).includes(account.sessionId),
  },
  {
    name: 'login that replaces a first-generation key',
    firstGeneration: true,
    session: 'replaced',
    run: ({ client, userId }) => client.login(userId, pin),
    async happened(account) {
      // Whatever became of the replacement, the session that the call gave is good for all that a session is for.
      await pay(account);
      return (await sessionsOf(account)).length === 1 && paid(account);
    },
  },
  {
    name: 'exportKeyBlob that replaces a first-generation key',
    firstGeneration: true,
    session: 'replaced',
    run: ({ client, userId }) => client.exportKeyBlob(userId, pin),
    happened: async ({ client }) => (await client.listLocalKeys()).every(({ mustRotate }) => !mustRotate),
    again: ({ client, userId }) => client.exportKeyBlob(userId, pin),
  },
  {
    name: 'login by passkey',
    needs: ['passkey'],
    session: 'replaced',
    run: ({ client, userId }) => client.login(userId, { passkey: true }),
    happened: async (account) => !(await sessionsOf(account)).includes(account.sessionId),
  },
  {
    name: 'changePin by passkey',
    needs: ['passkey'],
    pins: [newPin, pin],
    wrongTries: 1,
    run: ({ client, userId }) => client.changePin(userId, { passkey: true }, newPin),
    happened: ({ client, userId }) =>
      client.login(userId, newPin).then(
        () => true,
        () => false,
      ),
  },
  {
    name: 'changePin',
    pins: [newPin, pin],
    wrongTries: 1,
    run: ({ client, userId }) => client.changePin(userId, pin, newPin),
    happened: ({ client, userId }) =>
      client.login(userId, newPin).then(
        () => true,
        () => false,
      ),
  },
  {
    name: 'addPasskeyUnlock',
    run: ({ client, userId }) => onPage(() => client.addPasskeyUnlock(userId, pin)),
    happened: async ({ client, userId }) =>
      (await client.listSlots(userId)).length === 2 &&
      client.login(userId, { passkey: true }).then(
        () => true,
        () => false,
      ),
  },
  {
    name: 'exportKeyBlob',
    async run({ client, userId }) {
      const blob = await client.exportKeyBlob(userId, pin);
      carried = clientOver();
      box.mend();
      // A backup that was given is a backup that opens.
      await carried.importKeyBlob(blob, pin);
      await carried.login(userId, pin);
    },
    happened: ({ userId }) => carried.hasLocalKey(userId),
    again: ({ client, userId }) => client.exportKeyBlob(userId, pin),
  },
  {
    name: 'importKeyBlob',
    needs: ['blob'],
    async run({ blob }) {
      carried = clientOver();
      await carried.importKeyBlob(blob, pin);
    },
    again: ({ blob }) => carried.importKeyBlob(blob, pin),
    happened: ({ userId }) =>
      carried.login(userId, pin).then(
        () => true,
        () => false,
      ),
  },
  {
    name: 'confirm, and what it confirms',
    run: pay,
    happened: paid,
  },
];

/** Those that speak for a session. */
export const sessionOperations: readonly Operation[] = [
  {
    name: 'signOut',
    session: 'ended',
    run: ({ client }) => client.signOut(),
    happened: async (account) => !(await sessionsOf(account)).includes(account.sessionId),
  },
  {
    name: 'listSessions',
    needs: ['other'],
    async run({ client }) {
      expect(await client.listSessions()).toHaveLength(2);
    },
    happened: () => true,
  },
  {
    name: 'endSession',
    needs: ['other'],
    run: ({ client, otherSessionId }) => client.endSession(otherSessionId),
    happened: async (account) => !(await sessionsOf(account)).includes(account.otherSessionId),
  },
  {
    name: 'endOtherSessions',
    needs: ['other'],
    run: ({ client }) => client.endOtherSessions(),
    happened: async (account) => !(await sessionsOf(account)).includes(account.otherSessionId),
  },
  {
    name: 'endAllSessions',
    needs: ['other'],
    session: 'ended',
    run: ({ client }) => client.endAllSessions(),
    happened: async (account) => (await sessionsOf(account)).length === 0,
  },
  {
    name: 'getSession, with a refresh',
    async run({ client, sessionId }) {
      expect(await client.getSession()).toMatchObject({ sessionId });
    },
    happened: async (account) => (await sessionsOf(account)).includes(account.sessionId),
  },
  {
    name: 'fetch, with a refresh',
    async run({ client }) {
      expect((await client.fetch('/me')).status).toBe(200);
    },
    happened: async (account) => (await sessionsOf(account)).includes(account.sessionId),
  },
];

async function open({
  unregistered = false,
  firstGeneration = false,
  needs = [],
}: Operation): Promise<Account> {
  const userId = `person-${users++}`;
  const client = clientOver();
  const account: Account = { userId, client, blob: '', sessionId: '', otherSessionId: '' };
  if (unregistered) return account;
  if (firstGeneration) {
    const keys = generateKeyPair();
    const { publicKey } = keys;
    const credentialId = credentialIdOf(publicKey);
    await server.credentials.createUser({
      userId,
      publicKey,
      credentialId,
      deviceName: null,
      createdAtMs: 1,
    });
    await client.importKeyBlob(await versionOneBlob(keys, pin), pin, { userId });
    return account;
  }
  const { session } = await client.register(userId, pin);
  account.sessionId = session?.sessionId as string;
  if (needs.includes('passkey')) await onPage(() => client.addPasskeyUnlock(userId, pin));
  if (needs.includes('blob') || needs.includes('other'))
    account.blob = await client.exportKeyBlob(userId, pin);
  if (needs.includes('other')) {
    const other = clientOver();
    await other.importKeyBlob(account.blob, pin);
    account.otherSessionId = (await other.login(userId, pin)).sessionId;
  }
  return account;
}

/** The requests that an operation makes when nothing is in its way. */
async function requestsOf(operation: Operation): Promise<number> {
  const account = await open(operation);
  box.asked.length = 0;
  await operation.run(account);
  await account.client.idle();
  expect(await operation.happened(account)).toBe(true);
  return box.asked.length;
}

/** Sign in with what the person has, the way being clear; exactly one PIN works. No alarm, no wait, no try lost. */
async function expectNothingLost(
  account: Account,
  { pins = [pin], unregistered = false, wrongTries = 0 }: Operation,
): Promise<void> {
  const { client, userId } = account;
  if (unregistered && !(await client.hasLocalKey(userId))) {
    await client.register(userId, pin);
  }
  const worked = [];
  for (const candidate of pins) {
    const outcome = await client.login(userId, candidate).then(
      ({ failedPinTries }) => ({ candidate, failedPinTries }),
      (error: unknown) => {
        expect(isZkpAuthError(error) && error.code).toBe('DECRYPTION_FAILED');
        return null;
      },
    );
    await client.idle();
    if (outcome !== null) worked.push(outcome);
  }
  expect(worked).toHaveLength(1);
  const [first] = worked;
  expect(first?.failedPinTries, 'tries that a right PIN has cost').toBeLessThanOrEqual(wrongTries);
  // Of two PINs that could be the one, the other was tried above.
  await client.login(userId, first?.candidate as string);
  await client.idle();
  for (const { attemptsLeft } of await livePins(userId)) expect(attemptsLeft).toBe(10);
  const alarms = server.events.filter(
    (event) =>
      event.userId === userId &&
      ['record_clone_suspected', 'refresh_reuse_detected', 'pin_locked'].includes(event.type),
  );
  expect(alarms).toEqual([]);
}

/**
 * The ways in which an answer goes astray. Whether the server has acted makes a difference to it alone: where it has not,
 * those are enough that a client could take for different things.
 */
const unreached = new Set(['200 with a page', '204', 'nothing', 'yesterday’s answer']);
const ways = faults.flatMap((fault) => [
  { fault, reaches: true, name: `${fault.name}, the server having acted` },
  ...(unreached.has(fault.name) || isLong
    ? [{ fault, reaches: false, name: `${fault.name}, the server not having heard of it` }]
    : []),
]);

interface Case {
  fault: Fault;
  reaches: boolean;
  name: string;
  /** Whether a request breaks, of so many. */
  breaks(nth: number, count: number): boolean;
}

/**
 * The long form breaks each request of each operation in each way. The short form takes every second way for an
 * operation, the others for the next, and breaks one request in each way by turns: so each request breaks in some way.
 */
const casesOf = (operation: number): Case[] =>
  isLong
    ? ways.map((way) => ({ ...way, breaks: () => true }))
    : ways
        .filter((_, index) => (index + operation) % 2 === 0)
        .map((way, index, taken) => ({
          ...way,
          breaks: (nth, count) => nth % taken.length === index % count,
        }));

export function brokenWaySuite(operations: readonly Operation[]): void {
  const counts = new Map<Operation, number>();

  beforeAll(async () => {
    // A proof is sent again after pauses that are a random share of their bound.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    stubAuthenticator();
    let upstream = '';
    box = await startMiddlebox(() => upstream, earlier);
    // Each access token is so near to its end that whatever needs one refreshes first.
    server = await startServer({ origins: [box.url], accessTokenTtlMs: 10_000 });
    upstream = server.url;
    for (const operation of operations) counts.set(operation, await requestsOf(operation));
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    await box.stop();
    await server.stop();
  });

  describe.each(operations)('$name', (operation) => {
    it.each(casesOf(operations.indexOf(operation)))('$name', async ({ fault, reaches, breaks }) => {
      const count = counts.get(operation) as number;
      expect(count).toBeGreaterThan(0);
      for (let nth = 0; nth < count; nth++) {
        if (!breaks(nth, count)) continue;
        const at = `request ${nth + 1} of ${count}`;
        const account = await open(operation);
        box.break((n) => n === nth, fault, reaches);
        const outcome = await operation.run(account).then(
          () => 'resolved',
          (error: unknown) => error,
        );
        await account.client.idle();
        box.mend();
        if ((operation.session ?? 'kept') === 'kept') {
          const { userId, sessionId } = account;
          expect(await account.client.getSession(), at).toMatchObject({ userId, sessionId });
        }
        if (outcome === 'resolved') expect(await operation.happened(account), at).toBe(true);
        else {
          expect(['INVALID_RESPONSE', 'NETWORK_ERROR'], at).toContain((outcome as { code?: unknown }).code);
          await operation.again?.(account);
        }
        await expectNothingLost(account, operation);
      }
    });
  });
}
