import { type KeyStorage, MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { credentialIdOf, generateKeyPair, isZkpAuthError } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stubAuthenticator } from './fake-authenticator.ts';
import { addCredential } from './second-device.ts';
import { type Fault, faults, type GenuineAnswer, type Middlebox, startMiddlebox } from './middlebox.ts';
import { startServer, type TestServer } from './test-server.ts';
import { versionOneBlob } from './version-one-blob.ts';

// A machine between client and server breaks any one request. No key, no PIN and no session is lost, and no call
// reports a change that did not happen.

const isLong = process.env['LONG'] === 'all';
const pin = '482913';
const newPin = '738294';

let server: TestServer;
let box: Middlebox;
const earlier = new Map<string, GenuineAnswer>();
let users = 0;

const clientOver = (storage: KeyStorage = new MemoryKeyStorage()): ZkpAuthClient =>
  new ZkpAuthClient({ baseUrl: `${box.url}/auth`, origin: box.url, storage, timeoutMs: 5_000 });

/** A person's account, and the secrets and sessions that the person holds. */
interface Account {
  userId: string;
  client: ZkpAuthClient;
  sessionId: string;
  /** The session of a sign-in elsewhere. */
  otherSessionId: string;
  /** A second device of the account. */
  otherCredentialId: string;
  blob: string;
}

interface Operation {
  name: string;
  /** The test needs these beside the account. They are a backup, a sign-in elsewhere, a passkey, or another device. */
  needs?: readonly ('blob' | 'other' | 'passkey' | 'device' | 'waiting device')[];
  /** The account belongs to the first generation, and its key has just been imported. */
  firstGeneration?: boolean;
  run(account: Account): Promise<unknown>;
  /** Whether it happened at the server and on this device, if the call reports success. */
  happened(account: Account): Promise<boolean> | boolean;
  /** The PINs of which exactly one works afterwards; default the PIN of the registration. */
  pins?: readonly string[];
  /** The state that this client's session may have afterwards. */
  session?: 'kept' | 'replaced' | 'ended';
  unregistered?: boolean;
  /** Whether the account is gone if it happened. This device forgets its key then, and never before it is sure. */
  deletes?: boolean;
  /** The number of wrong PINs that the operation itself enters, or that the test enters to find the right PIN. */
  wrongTries?: number;
  /** The person's next step after a failed call, beside signing in. */
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

/** A passkey belongs to a host. All other operations here run without a page, so the clients share nothing. */
async function onPage<T>(work: () => Promise<T>): Promise<T> {
  const page = globalThis as { location?: unknown };
  page.location = new URL(box.url);
  try {
    return await work();
  } finally {
    delete page.location;
  }
}

/** The operations that open, change or carry a key. */
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
      // In every case, the session that the call gave must work for every request of a session.
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
      // A backup that the call gave must open.
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

/** The operations on behalf of a session. */
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

const credentialOf = async ({ userId, otherCredentialId }: Account) =>
  (await server.auth.listCredentials(userId)).find(({ credentialId }) => credentialId === otherCredentialId);

/** The operations that change an account, by a confirmation. */
export const accountOperations: readonly Operation[] = [
  {
    name: 'listCredentials',
    needs: ['device'],
    async run({ client }) {
      expect(await client.listCredentials()).toHaveLength(2);
    },
    happened: () => true,
  },
  {
    name: 'canLoseThisDevice',
    needs: ['device'],
    async run({ client }) {
      expect(await client.canLoseThisDevice()).toMatchObject({ answer: true, otherDevices: 1 });
    },
    happened: () => true,
  },
  {
    name: 'renameCredential',
    needs: ['device'],
    run: ({ client, otherCredentialId }) => client.renameCredential(otherCredentialId, 'Work', pin),
    happened: async (account) => (await credentialOf(account))?.deviceName === 'Work',
  },
  {
    name: 'revokeCredential',
    needs: ['device'],
    run: ({ client, otherCredentialId }) => client.revokeCredential(otherCredentialId, pin),
    happened: async (account) => typeof (await credentialOf(account))?.revokedAtMs === 'number',
    again: ({ client, otherCredentialId }) => client.revokeCredential(otherCredentialId, pin),
  },
  {
    name: 'stopRecovery',
    needs: ['waiting device'],
    run: ({ client, otherCredentialId }) => client.stopRecovery(otherCredentialId, pin),
    happened: async (account) => typeof (await credentialOf(account))?.revokedAtMs === 'number',
    again: ({ client, otherCredentialId }) => client.stopRecovery(otherCredentialId, pin),
  },
  {
    name: 'deleteAccount',
    session: 'ended',
    deletes: true,
    run: ({ client, userId }) => client.deleteAccount(userId, pin),
    happened: async ({ userId }) => (await server.auth.listCredentials(userId)).length === 0,
  },
];

async function open({
  unregistered = false,
  firstGeneration = false,
  needs = [],
}: Operation): Promise<Account> {
  const userId = `person-${users++}`;
  const client = clientOver();
  const account: Account = {
    userId,
    client,
    blob: '',
    sessionId: '',
    otherSessionId: '',
    otherCredentialId: '',
  };
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
  const isWaiting = needs.includes('waiting device');
  if (isWaiting || needs.includes('device')) {
    const pendingUntilMs = isWaiting ? Date.now() + 3_600_000 : null;
    account.otherCredentialId = (await addCredential(server, { userId, pendingUntilMs })).credentialId;
  }
  if (needs.includes('blob') || needs.includes('other'))
    account.blob = await client.exportKeyBlob(userId, pin);
  if (needs.includes('other')) {
    const other = clientOver();
    await other.importKeyBlob(account.blob, pin);
    account.otherSessionId = (await other.login(userId, pin)).sessionId;
  }
  return account;
}

/** Count the requests that an operation makes if no request breaks. */
async function requestsOf(operation: Operation): Promise<number> {
  const account = await open(operation);
  box.asked.length = 0;
  await operation.run(account);
  await account.client.idle();
  expect(await operation.happened(account)).toBe(true);
  return box.asked.length;
}

/**
 * Sign in over an unbroken line with the PINs that the person has. Exactly one works, and no alarm, wait or lost try
 * follows.
 */
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
  // If two PINs were possible, the other one was tried above.
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

/** The account is gone with the key on this device, or the key is here. */
async function expectNoKeyLost(account: Account, operation: Operation, outcome: unknown): Promise<void> {
  const { client, userId } = account;
  const isGone = await operation.happened(account);
  expect(await client.hasLocalKey(userId)).toBe(outcome !== 'resolved');
  if (!isGone) await expectNothingLost(account, operation);
}

/**
 * The ways to break an answer. The client sees the same whether or not the server received the request. If the server
 * did not receive it, the faults that a client could mistake for another outcome are enough.
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
  /** Whether the request with number `nth` of `count` breaks. */
  breaks(nth: number, count: number): boolean;
}

/**
 * The long form breaks each request of each operation in each way. The short form uses every second way for one
 * operation and the other ways for the next one. It breaks one request in each way, in turn, so that each request
 * breaks in some way.
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
    // The pause before a proof is sent again is a random share of its bound.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    stubAuthenticator();
    let upstream = '';
    box = await startMiddlebox(() => upstream, earlier);
    // Each access token expires so soon that every call that needs one refreshes first.
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
        if (operation.deletes === true) await expectNoKeyLost(account, operation, outcome);
        else await expectNothingLost(account, operation);
      }
    });
  });
}
