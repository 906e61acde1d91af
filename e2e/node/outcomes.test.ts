import { type Outcome, MemoryKeyStorage, ZkpAuthClient, ZkpAuthError } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from './failure-of.ts';
import { type Network, startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const pin = '482913';
const newPin = '738294';
const dayMs = 86_400_000;

let server: TestServer;
let storage: MemoryKeyStorage;
let client: ZkpAuthClient;
let pinAssistance: boolean;
let nowMs: number;

const at =
  (...paths: string[]) =>
  (path: string): boolean =>
    paths.includes(path);

function device(keys = new MemoryKeyStorage()): ZkpAuthClient {
  storage = keys;
  return new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage,
    timeoutMs: 5_000,
    pinAssistance,
  });
}

beforeEach(async () => {
  pinAssistance = true;
  // A proof is sent again after pauses that are a random share of their bound.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  nowMs = Date.now();
  server = await startServer({ now: () => nowMs });
  client = device();
});
afterEach(async () => {
  await client.idle();
  await server.stop();
  vi.restoreAllMocks();
});

/** The code and the outcome of a call that fails on a broken network. */
function failing(call: Promise<unknown>): Promise<string> {
  return failureOf(call).finally(() => (server.network = {}));
}

async function on(network: Network, call: () => Promise<unknown>): Promise<string> {
  server.network = network;
  return failing(call());
}

/** A storage whose next call of a method fails as if the disk were full. */
function fullDisk(method: 'activateKey' | 'settlePinSlot' | 'addSlot' | 'saveKey'): void {
  vi.spyOn(storage, method).mockRejectedValueOnce(new ZkpAuthError('STORAGE_ERROR'));
}

describe('a failed registration', () => {
  const register = () => client.register('alice', pin);

  it('has done nothing before its request leaves, and if the server refuses', async () => {
    expect(await on({ dropRequest: at('/challenge') }, register)).toBe('NETWORK_ERROR nothing');
    expect(await failing(client.register('alice', '123456'))).toBe('PIN_TOO_COMMON nothing');
    await register();
    client = device();
    expect(await failing(client.register('alice', pin))).toBe('USER_ID_TAKEN nothing');
  });

  it('is unknown while no answer comes, whether the server has acted or not', async () => {
    expect(await on({ dropRequest: at('/register') }, register)).toBe('NETWORK_ERROR unknown');
    expect(await on({ dropAnswer: at('/register') }, () => client.register('bob', pin))).toBe(
      'NETWORK_ERROR unknown',
    );
  });

  it('is unknown if the refusal may be that of a second copy, and nobody can find out', async () => {
    const network: Network = { repeat: at('/register'), dropRequest: () => false };
    network.dropRequest = (path) => path === '/challenge' && server.requests.includes('/register');
    expect(await on(network, register)).toMatch(/ unknown$/);
    await client.login('alice', pin);
  });

  it('is done if the disk fails after it', async () => {
    fullDisk('activateKey');
    expect(await failing(register())).toBe('STORAGE_ERROR done');
    await client.login('alice', pin);
  });
});

describe('a failed sign-in', () => {
  const login = () => client.login('alice', pin);
  beforeEach(async () => void (await client.register('alice', pin)));

  it('has done nothing before its proof leaves, and if the server refuses', async () => {
    expect(await failing(client.login('alice', newPin))).toBe('DECRYPTION_FAILED nothing');
    expect(await failing(client.login('nobody', pin))).toBe('KEY_NOT_FOUND nothing');
    expect(await on({ dropRequest: at('/challenge') }, login)).toBe('NETWORK_ERROR nothing');
    await server.auth.suspendUser('alice');
    expect(await failing(login())).toBe('PIN_LOCKED nothing');
    await server.auth.resumeUser('alice');
    vi.spyOn(server.credentials, 'find').mockResolvedValue(null);
    expect(await failing(login())).toBe('LOGIN_REJECTED nothing');
  });

  it('is unknown while no answer comes', async () => {
    expect(await on({ dropAnswer: at('/verify') }, login)).toBe('NETWORK_ERROR unknown');
  });
});

describe('a failed change of the PIN', () => {
  const change = () => client.changePin('alice', pin, newPin);
  beforeEach(async () => void (await client.register('alice', pin)));

  it('has done nothing before the new PIN leaves', async () => {
    expect(await failing(client.changePin('alice', newPin, '604917'))).toBe('DECRYPTION_FAILED nothing');
    expect(await on({ dropRequest: at('/challenge') }, change)).toBe('NETWORK_ERROR nothing');
    expect(await on({ dropAnswer: at('/open-key') }, change)).toBe('NETWORK_ERROR nothing');
    fullDisk('addSlot');
    expect(await failing(change())).toBe('STORAGE_ERROR nothing');
    await client.login('alice', pin);
  });

  it.each(['dropRequest', 'dropAnswer'] as const)('is unknown after %s', async (lost) => {
    expect(await on({ [lost]: at('/pin') }, change)).toBe('NETWORK_ERROR unknown');
  });

  it('is unknown if the server refuses it, because that may be the refusal of a second copy', async () => {
    expect(await on({ repeat: at('/pin') }, change)).toBe('PROOF_REJECTED unknown');
    await client.login('alice', newPin);
  });

  it.each([true, false])(
    'is done if the disk fails after it, with the server’s help: %s',
    async (assisted) => {
      pinAssistance = assisted;
      client = device();
      await client.register('bob', pin);
      fullDisk('settlePinSlot');
      expect(await failing(client.changePin('bob', pin, newPin))).toBe('STORAGE_ERROR done');
      await client.login('bob', newPin);
    },
  );

  it('tells the outcome of an abort as well, whose reason cannot carry it', async () => {
    const told: Outcome[] = [];
    const aborted = async (path: string): Promise<unknown> => {
      const controller = new AbortController();
      server.network = { before: (asked) => void (asked === path && controller.abort()) };
      const options = { signal: controller.signal, onOutcome: (outcome: Outcome) => void told.push(outcome) };
      return client.changePin('alice', pin, newPin, options).catch((error: unknown) => (error as Error).name);
    };
    expect(await aborted('/open-key')).toBe('AbortError');
    expect(await aborted('/pin')).toBe('AbortError');
    server.network = {};
    expect(told).toEqual(['nothing', 'unknown']);
  });
});

describe('of a session,', () => {
  beforeEach(async () => void (await client.register('alice', pin)));

  it('a failed sign-out is done as soon as its key is gone here', async () => {
    expect(await on({ dropRequest: at('/sign-out') }, () => client.signOut())).toBe('NETWORK_ERROR done');
    expect(client.getSnapshot()).toMatchObject({ session: null, endedBecause: 'signed-out' });
    expect(await client.getSession()).toBeNull();
  });

  it('ending it is unknown while no answer comes, and nothing before it was asked for', async () => {
    const end = () => client.endOtherSessions();
    expect(await on({ dropAnswer: at('/sessions/end') }, end)).toBe('NETWORK_ERROR unknown');
    await client.signOut();
    expect(await failing(end())).toBe('NO_SESSION nothing');
  });

  it('nothing is known before anybody has looked, and then that there is none', async () => {
    const other = device();
    expect(other.getSnapshot()).toMatchObject({ session: undefined });
    expect(await other.getSession()).toBeNull();
    expect(other.getSnapshot()).toMatchObject({ session: null });
    expect(other.getSnapshot().endedBecause).toBeUndefined();
  });

  it('why it ended is known: by another sign-in, here, elsewhere, by its time, or with its credential', async () => {
    await client.login('alice', pin);
    expect(client.getSnapshot().endedBecause).toBe('replaced');
    await client.signOut();
    const ends: [reason: string, end: () => Promise<unknown>][] = [
      ['signed-out', () => client.endAllSessions()],
      ['ended-elsewhere', () => server.auth.endAllSessions('alice')],
      ['expired', async () => void (nowMs += 8 * dayMs)],
      ['revoked', () => server.auth.suspendUser('alice')],
    ];
    for (const [reason, end] of ends) {
      await client.login('alice', pin);
      expect(client.getSnapshot().endedBecause).toBeUndefined();
      await end();
      await client.fetch(`${server.url}/me`).catch(() => undefined);
      expect(client.getSnapshot()).toMatchObject({ session: null, endedBecause: reason });
    }
  });
});

describe('what leaves nothing done if it fails:', () => {
  beforeEach(async () => void (await client.register('alice', pin)));

  it('an export, an import and a confirmation', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    const lost: Network = { dropAnswer: at('/pin') };
    expect(await on(lost, () => client.exportKeyBlob('alice', pin))).toBe('NETWORK_ERROR nothing');
    const confirming = () => client.confirm('pay', '{}', pin);
    expect(await on({ dropRequest: at('/challenge') }, confirming)).toBe('NETWORK_ERROR nothing');
    const phone = device();
    expect(await on(lost, () => phone.importKeyBlob(blob, pin))).toBe('NETWORK_ERROR nothing');
    fullDisk('saveKey');
    expect(await failing(phone.importKeyBlob(blob, pin))).toBe('STORAGE_ERROR nothing');
  });
});

describe('the name of a sign-in', () => {
  const names = async () =>
    (await server.auth.listSessions('alice'))
      .map(({ deviceName }) => deviceName)
      .toSorted((a, b) => (a! < b! ? -1 : 1));

  it('is that of the call, else that of the import, else that of the registration', async () => {
    await client.register('alice', pin, { deviceName: 'Laptop' });
    const phone = device();
    const blob = await client.exportKeyBlob('alice', pin);
    const key = await phone.importKeyBlob(blob, pin, { deviceName: 'Phone' });
    expect(key).toMatchObject({ deviceName: 'Phone' });
    await phone.login('alice', pin);
    expect(await names()).toEqual(['Laptop', 'Phone']);
    await phone.login('alice', pin, { deviceName: 'Work phone' });
    expect(await names()).toEqual(['Laptop', 'Work phone']);
    await phone.changePin('alice', pin, newPin);
    await phone.importKeyBlob(blob, pin, { newPin });
    await phone.login('alice', newPin);
    expect(await names(), 'kept over a change of the PIN and another import').toEqual(['Laptop', 'Phone']);
    await client.login('alice', pin);
    expect(await names()).toEqual(['Laptop', 'Phone']);
    expect((await client.listSessions()).map(({ deviceName }) => deviceName)).toContain('Phone');
  });

  it.each(['', 'x'.repeat(65), 'a\u0007', '\ud800', 7])('%j is misuse, and nothing is sent', async (name) => {
    await client.register('alice', pin);
    const blob = await client.exportKeyBlob('alice', pin);
    const sent = server.requests.length;
    const deviceName = name as string;
    await expect(client.login('alice', pin, { deviceName })).rejects.toThrow(TypeError);
    await expect(client.register('bob', pin, { deviceName })).rejects.toThrow(TypeError);
    await expect(client.importKeyBlob(blob, pin, { deviceName })).rejects.toThrow(TypeError);
    expect(server.requests).toHaveLength(sent);
  });
});
