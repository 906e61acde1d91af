import { VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fault, faults, type GenuineAnswer, type Middlebox, startMiddlebox } from './middlebox.ts';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

// An attacker who breaks the connection for a while costs the person only time. One entry of the PIN is enough.

const pin = '482913';
const newPin = '738294';
/** The most times that the client sends a proof. */
const maxSendings = 6;

let server: TestServer;
let box: Middlebox;
let records: Records;
let client: ZkpAuthClient;
let userId: string;
let sent: { path: string; body: string; dpop: string | null }[];
const earlier = new Map<string, GenuineAnswer>();
let users = 0;

const fault = (name: string) => faults.find((each) => each.name === name) as Fault;
const code = (expected: string) => expect.objectContaining({ code: expected });
const attemptsLeft = async () => [
  ...new Set(
    (await server.auth.listPins(userId))
      .filter(({ retiredAtMs }) => retiredAtMs === null)
      .map((each) => each.attemptsLeft),
  ),
];
const count = (path: string) => box.asked.filter((asked) => asked === path).length;

/** A refusal by the real server. It repeats the request's id. */
function ownWord(status: number, refusal: string, retryAfterSeconds?: number): Fault {
  return {
    name: refusal,
    answer(res) {
      const headers = {
        'Content-Type': 'application/problem+json',
        'ZKP-Request-Id': res.req.headers['zkp-request-id'],
        ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      };
      res.writeHead(status, headers).end(JSON.stringify({ code: refusal }));
    },
  };
}

/** Break the first requests for a path. */
function breakFirst(times: number, path: string, by: Fault, reaches: boolean): void {
  let seen = 0;
  box.asked.length = 0;
  box.break((_, asked) => asked === path && seen++ < times, by, reaches);
}

async function open(options: Parameters<typeof startServer>[0] = {}): Promise<void> {
  let upstream = '';
  box = await startMiddlebox(() => upstream, earlier);
  server = await startServer({ origins: [box.url], ...options });
  upstream = server.url;
  records = new Records();
  client = new ZkpAuthClient({
    baseUrl: `${box.url}/auth`,
    origin: box.url,
    storage: new VaultKeyStorage(records),
    timeoutMs: 5_000,
  });
  userId = `person-${users++}`;
}

beforeEach(async () => {
  // A pause is a random share of its bound.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  sent = [];
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(input instanceof Request ? input.headers : init?.headers);
    sent.push({
      path: new URL(url).pathname,
      body: typeof init?.body === 'string' ? init.body : '',
      dpop: headers.get('DPoP'),
    });
    return fetch(input, init);
  });
  await open();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await box.stop();
  await server.stop();
});

const unreached: readonly Fault[] = [
  fault('nothing'),
  fault('200 with a page'),
  fault('429 with a page'),
  fault('503 with a page'),
  ownWord(429, 'RATE_LIMITED'),
  ownWord(503, 'STORE_UNAVAILABLE'),
];

describe('a proof that never arrived', () => {
  it.each(unreached)('but was answered by $name is sent again: the person is signed in', async (by) => {
    await client.register(userId, pin);
    breakFirst(maxSendings - 1, '/verify', by, false);
    expect(await client.login(userId, pin)).toMatchObject({ userId, failedPinTries: 0 });
    await client.idle();
    expect(count('/challenge')).toBe(1);
    expect(count('/verify')).toBe(maxSendings);
    expect(await attemptsLeft()).toEqual([10]);
  });

  it('is sent again as it was, each time with a new proof by the session’s key', async () => {
    await client.register(userId, pin);
    breakFirst(2, '/verify', fault('nothing'), false);
    sent.length = 0;
    await client.login(userId, pin);
    const proofs = sent.filter(({ path }) => path === '/auth/verify');
    expect(proofs).toHaveLength(3);
    expect(new Set(proofs.map(({ body }) => body)).size).toBe(1);
    expect(new Set(proofs.map(({ dpop }) => dpop)).size).toBe(3);
  });

  it.each([
    ['/register', () => client.register(userId, pin)],
    ['/open-key', () => client.exportKeyBlob(userId, pin)],
    ['/pin', () => client.changePin(userId, pin, newPin)],
  ] as const)('at %s is sent again too', async (path, run) => {
    if (path !== '/register') await client.register(userId, pin);
    breakFirst(3, path, fault('nothing'), false);
    await run();
    expect(count(path)).toBeGreaterThanOrEqual(4);
    box.mend();
    await expect(client.login(userId, path === '/pin' ? newPin : pin)).resolves.toMatchObject({
      failedPinTries: 0,
    });
    expect(await attemptsLeft()).toEqual([10]);
  });

  it('waits as long as it is told to', async () => {
    await client.register(userId, pin);
    breakFirst(1, '/verify', ownWord(429, 'RATE_LIMITED', 1), false);
    const pauses = vi.spyOn(globalThis, 'setTimeout');
    await client.login(userId, pin);
    expect(pauses.mock.calls.map(([, ms]) => ms)).toContain(1_000);
    expect(count('/verify')).toBe(2);
  });
});

describe('a proof that arrived, and whose answer was lost', () => {
  it('is sent again, and the refusal of the second copy is not taken for one of the person', async () => {
    await client.register(userId, pin);
    for (const by of [fault('nothing'), fault('half an answer'), fault('503 with a page')]) {
      breakFirst(1, '/verify', by, true);
      const error: unknown = await client.login(userId, pin).catch((thrown: unknown) => thrown);
      expect(error).toEqual(
        expect.objectContaining({ code: expect.stringMatching(/^(?:NETWORK_ERROR|INVALID_RESPONSE)$/) }),
      );
      expect((error as Error).cause).toEqual(code('LOGIN_REJECTED'));
      expect(count('/verify')).toBe(2);
    }
    expect(await client.login(userId, pin)).toMatchObject({ failedPinTries: 0 });
    expect(await attemptsLeft()).toEqual([10]);
  });

  it('is refused as it should be after a limiter, which had not let it through', async () => {
    await client.register(userId, pin);
    const credentials = await server.auth.listCredentials(userId);
    server.network.before = async (path) => {
      if (path !== '/verify') return;
      for (const { credentialId } of credentials) await server.auth.revokeCredential(userId, credentialId);
    };
    breakFirst(1, '/verify', ownWord(429, 'RATE_LIMITED'), false);
    await expect(client.login(userId, pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
  });

  it('was a registration: it is found out in the same call, and the name is the person’s', async () => {
    breakFirst(1, '/register', fault('nothing'), true);
    expect(await client.register(userId, pin)).toMatchObject({ userId, session: { userId } });
    expect(count('/register')).toBe(2);
    expect(await client.hasLocalKey(userId)).toBe(true);
    expect(await server.auth.listCredentials(userId)).toHaveLength(1);
  });

  it.each([
    ['whose invitation is used up', 403, 'REGISTRATION_DENIED'],
    ['whose name is taken', 409, 'USER_ID_TAKEN'],
  ] as const)(
    'was a registration, %s when the second copy comes: the key is not lost',
    async (_, status, refusal) => {
      const first: Fault = {
        name: 'nothing, then a refusal',
        answer(res, ...rest) {
          if (count('/register') === 1) res.destroy();
          else ownWord(status, refusal).answer(res, ...rest);
        },
      };
      breakFirst(2, '/register', first, true);
      expect(await client.register(userId, pin)).toMatchObject({ userId, session: { userId } });
      expect(await client.hasLocalKey(userId)).toBe(true);
      // A registration that never arrived is refused as it is, and its key is deleted.
      userId = `${userId}-too`;
      breakFirst(2, '/register', first, false);
      await expect(client.register(userId, pin)).rejects.toEqual(code(refusal));
      expect((await records.list()).length).toBe(1);
    },
  );

  it('came to the server’s own limit, and is not said to have been refused', async () => {
    await box.stop();
    await server.stop();
    await open({ limits: { pinChangesByCredential: { max: 1, perMs: 4_000 } } });
    await client.register(userId, pin);
    await client.changePin(userId, pin, newPin);
    box.asked.length = 0;
    const refused = client.changePin(userId, newPin, pin);
    await expect(refused).rejects.toEqual(code('RATE_LIMITED'));
    expect(((await refused.catch((error: unknown) => error)) as Error).cause).toEqual(code('PROOF_REJECTED'));
    expect(count('/pin')).toBe(2);
    expect(await client.login(userId, newPin)).toMatchObject({ failedPinTries: 0 });
  });

  it('was a change of the PIN: both slots are kept, and the new PIN opens the key', async () => {
    await client.register(userId, pin);
    breakFirst(1, '/pin', fault('nothing'), true);
    await expect(client.changePin(userId, pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
    expect(count('/pin')).toBe(2);
    expect(await client.login(userId, newPin)).toMatchObject({ failedPinTries: 0 });
    expect(await attemptsLeft()).toEqual([10]);
  });
});

describe('the number of sendings', () => {
  it('ends while the outage goes on, and the tries come back', async () => {
    await client.register(userId, pin);
    breakFirst(Infinity, '/verify', fault('nothing'), false);
    for (let n = 1; n <= 10; n++) {
      await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
      expect(count('/verify')).toBe(n * maxSendings);
    }
    box.mend();
    expect(await client.login(userId, pin)).toMatchObject({ failedPinTries: 0 });
    expect(await attemptsLeft()).toEqual([10]);
  });

  it('is one where the server says to come back after the challenge has ended', async () => {
    await client.register(userId, pin);
    breakFirst(Infinity, '/verify', ownWord(429, 'RATE_LIMITED', 60), false);
    await expect(client.login(userId, pin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 60_000,
    });
    expect(count('/verify')).toBe(1);
  });

  it('does not grow when the challenge is over', async () => {
    await client.register(userId, pin);
    const now = performance.now.bind(performance);
    const gone = { ms: 0 };
    vi.spyOn(performance, 'now').mockImplementation(() => now() + gone.ms);
    const over: Fault = {
      name: 'nothing, and time goes by',
      answer(res) {
        if (count('/verify') === 3) gone.ms = 56_000;
        res.destroy();
      },
    };
    breakFirst(Infinity, '/verify', over, false);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    expect(count('/verify')).toBe(3);
  });

  it('does not grow after an abort, be it during a sending or in a pause', async () => {
    await client.register(userId, pin);
    for (const share of [0, 0.99]) {
      vi.mocked(Math.random).mockReturnValue(share);
      const controller = new AbortController();
      const reason = new Error('never mind');
      const abort: Fault = {
        name: 'nothing, and the person leaves',
        answer(res) {
          res.destroy();
          if (count('/verify') === 2) setTimeout(() => controller.abort(reason), share * 200);
        },
      };
      breakFirst(Infinity, '/verify', abort, false);
      const { signal } = controller;
      await expect(client.login(userId, pin, { signal })).rejects.toBe(reason);
      const asked = count('/verify');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(count('/verify')).toBe(asked);
      if (share > 0) expect(asked).toBe(2);
    }
  });

  it('is one for a refusal of the server’s own, and for a request that carries no proof', async () => {
    await client.register(userId, pin);
    breakFirst(Infinity, '/verify', ownWord(500, 'INTERNAL_ERROR'), false);
    await expect(client.login(userId, pin)).rejects.toEqual(code('INTERNAL_ERROR'));
    expect(count('/verify')).toBe(1);
    breakFirst(Infinity, '/challenge', fault('nothing'), false);
    await expect(client.login(userId, pin)).rejects.toEqual(code('NETWORK_ERROR'));
    expect(count('/challenge')).toBe(1);
  });
});
