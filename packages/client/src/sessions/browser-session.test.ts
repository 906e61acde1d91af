import { encodeBase64url, ZkpAuthError } from '@zkp-auth/core';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problem, type SessionServer, stubSessionServer } from '../../test/session-server.js';
import { type Authority, DpopSigner, generateSessionKey } from '../transport/dpop-signer.js';
import {
  openSessionRecords,
  type SessionInfo,
  type SessionRecord,
  type SessionRecords,
} from './session-record.js';
import { authorizedRequest, endSessionsBy } from './authorized-request.js';
import { forgetEndedOf } from './forget-ended-of.js';
import { BrowserSession } from './browser-session.js';
import { refreshSession } from './refresh-session.js';
import 'fake-indexeddb/auto';

let server: SessionServer;

beforeEach(() => {
  server = stubSessionServer();
  vi.stubGlobal('location', { origin: server.origin, href: `${server.origin}/` });
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const everySession = { signal: undefined, isOwn: () => true };

interface Tab {
  sessions: BrowserSession;
  told: (SessionInfo | null | undefined)[];
  because: (string | undefined)[];
  ended: (SessionInfo | null)[];
  errors: unknown[];
}

/** One tab of the browser. All tabs share IndexedDB, Web Locks and the broadcast channel. */
function openTab(records: SessionRecords = openSessionRecords()): Tab {
  const { baseUrl, origin } = server;
  const told: Tab['told'] = [];
  const because: Tab['because'] = [];
  const ended: (SessionInfo | null)[] = [];
  const errors: unknown[] = [];
  const sessions = new BrowserSession({
    refresh: refreshSession,
    channel: {
      endpoint: { baseUrl, origin, audience: origin },
      timeoutMs: 5_000,
      credentials: 'same-origin',
      signer: new DpopSigner(),
      fetch: (...request) => fetch(...request),
    },
    records,
    onChange: ({ session, endedSession, endedBecause }) => {
      because.push(endedBecause);
      if (session !== told.at(-1)) told.push(session);
      ended.push(endedSession);
    },
    onBackgroundError: (error) => errors.push(error),
  });
  return { sessions, told, because, ended, errors };
}

async function signIn({ sessions }: Tab, grant = server.grant()) {
  await sessions.start(await generateSessionKey(), undefined, async () => grant);
  return grant;
}

const refreshes = () => server.seen.filter(({ path }) => path === '/refresh');
const code = (expected: string) => expect.objectContaining({ code: expected });
const until = (check: () => void) => vi.waitFor(check, { timeout: 2_000 });

describe('why a session has ended', () => {
  const bob = { userId: 'bob', sessionId: 'A'.repeat(43) };
  const refused = (body: object) => () => Response.json({ code: 'SESSION_ENDED', ...body }, { status: 401 });
  const refresh = ({ sessions }: Tab, token: string) =>
    sessions.access(undefined, token).catch(() => undefined);

  it.each([
    ['signed-out', null, ({ sessions }: Tab) => sessions.signOut(undefined)],
    ['ended-elsewhere', refused({}), refresh],
    ['expired', refused({ ended: 'expired' }), refresh],
    ['revoked', refused({ ended: 'revoked' }), refresh],
    [undefined, refused({ cookie: 'missing' }), refresh],
    ['replaced', () => problem(409, 'SESSION_MISMATCH'), refresh],
    ['replaced', null, async (tab: Tab) => void (await signIn(tab, server.grant(bob)))],
  ] as const)('is %s in each tab', async (reason, answer, end) => {
    const [one, other] = [openTab(), openTab()];
    expect(one.told, 'nothing is known yet').toEqual([]);
    const { token } = await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    if (answer !== null) server.next.set('/refresh', [answer]);
    await end(one, token);
    await until(() => expect(other.told).toHaveLength(2));
    expect([one.because.at(-1), other.because.at(-1)]).toEqual([reason, reason]);
  });

  it.each([
    ['expired', {}],
    ['expired', { cookie: 'missing' }],
  ])('is %s if its time is over by this device’s clock, and the server says %j', async (reason, said) => {
    const tab = openTab();
    const { token } = await signIn(tab, server.grant({ sessionExpiresInMs: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.next.set('/refresh', [refused(said)]);
    await refresh(tab, token);
    expect(tab.because.at(-1)).toBe(reason);
  });

  it('is still known after a reload, until the next sign-in', async () => {
    const tab = openTab();
    const { token } = await signIn(tab);
    server.next.set('/refresh', [refused({ ended: 'revoked' })]);
    await refresh(tab, token);
    const reloaded = openTab();
    await reloaded.sessions.current(undefined).catch(() => undefined);
    expect(reloaded.told).toEqual([null]);
    expect(reloaded.because).toEqual(['revoked']);
    await signIn(reloaded);
    expect(reloaded.because.at(-1)).toBeUndefined();
  });

  it('the server is told whose it was, for it remembers nothing of a session that has ended', async () => {
    const tab = openTab();
    const { token, userId, credentialId } = await signIn(tab);
    await refresh(tab, token);
    expect(refreshes().at(-1)?.body).toMatchObject({ userId, credentialId });
  });
});

describe('tabs', () => {
  it('twenty tabs that are opened at once refresh once, and all stay signed in', async () => {
    await signIn(openTab());
    const tabs = Array.from({ length: 20 }, () => openTab());
    const tokens = await Promise.all(
      tabs.map(async ({ sessions }) => (await sessions.access(undefined)).token),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes()).toHaveLength(1);
    for (const { told } of tabs) expect(told).toMatchObject([{ userId: 'alice' }]);
  });

  it('twenty tabs whose token is refused at once refresh once', async () => {
    const tabs = Array.from({ length: 20 }, () => openTab());
    const { token } = await signIn(tabs[0] as Tab);
    await until(() => expect(tabs.every(({ told }) => told.length === 1)).toBe(true));
    const fresh = await Promise.all(
      tabs.map(async ({ sessions }) => (await sessions.access(undefined, token)).token),
    );
    expect(new Set(fresh).size).toBe(1);
    expect(fresh[0]).not.toBe(token);
    expect(refreshes()).toHaveLength(1);
  });

  it('a tab that is not told by the one that refreshed refreshes by itself, one after the other', async () => {
    await signIn(openTab());
    vi.stubGlobal('BroadcastChannel', undefined);
    const tabs = Array.from({ length: 3 }, () => openTab());
    await Promise.all(tabs.map(({ sessions }) => sessions.access(undefined)));
    const presented = refreshes().map(({ body }) => body['refreshToken']);
    expect(presented).toHaveLength(3);
    expect(new Set(presented).size, 'no tab presents a token that another has spent').toBe(3);
  });

  it('a sign-in, and a sign-out, reach all', async () => {
    const [one, other] = [openTab(), openTab()];
    const { token } = await signIn(one);
    await until(() => expect(other.told).toMatchObject([{ userId: 'alice' }]));
    expect((await other.sessions.access(undefined)).token).toBe(token);
    await other.sessions.signOut(undefined);
    await until(() => expect(one.told.at(-1)).toBeNull());
    for (const { sessions } of [one, other])
      await expect(sessions.access(undefined)).rejects.toEqual(code('NO_SESSION'));
    expect(refreshes()).toEqual([]);
  });

  it('when somebody else signs in, all go on as that one, and the server is told which session that replaces', async () => {
    const [one, other] = [openTab(), openTab()];
    const { refreshToken } = await signIn(one);
    await other.sessions.start(await generateSessionKey(), undefined, async (replaced) => {
      expect(replaced).toBe(refreshToken);
      return server.grant({ userId: 'bob', sessionId: 'A'.repeat(43) });
    });
    await until(() => expect(one.told.at(-1)).toMatchObject({ userId: 'bob' }));
  });

  describe('of which one has not been told that somebody else signed in', () => {
    const bob = { userId: 'bob', sessionId: 'A'.repeat(43) };
    let untold: Tab;
    beforeEach(async () => {
      untold = openTab();
      await signIn(untold);
      vi.stubGlobal('BroadcastChannel', undefined);
      await signIn(openTab(), server.grant(bob));
      server.next.set('/refresh', [() => Response.json(server.grant(bob))]);
    });

    it('send nothing as the one before, and go on as the new one', async () => {
      const sessionOf = async ({ access }: Authority) => access.sessionId;
      const { sessions, told } = untold;
      await expect(authorizedRequest(sessions, undefined, sessionOf)).rejects.toEqual(code('SESSION_ENDED'));
      expect(await authorizedRequest(sessions, undefined, sessionOf)).toBe(bob.sessionId);
      expect(told).toMatchObject([{ userId: 'alice' }, bob]);
    });

    it('say who is signed in', async () => {
      expect(await untold.sessions.current(undefined)).toMatchObject(bob);
    });
  });

  it('without Web Locks, a refresh that crosses another tab’s sign-in goes on with the new session', async () => {
    const [one, other] = [openTab(), openTab()];
    await signIn(one);
    server.next.set('/refresh', [
      async () => {
        await other.sessions.start(await generateSessionKey(), undefined, async () =>
          server.grant({ userId: 'bob', sessionId: 'A'.repeat(43) }),
        );
        return problem(409, 'SESSION_MISMATCH');
      },
    ]);
    // A stub of Web Locks that lets every page in, as if the lock had failed.
    const locks = { request: (_: string, __: object, run: () => unknown) => run() };
    vi.stubGlobal('navigator', { locks });
    const { token } = await one.sessions.access(undefined);
    const access = await one.sessions.access(undefined, token);
    expect(access.sessionId).toBe('A'.repeat(43));
    expect(one.told.at(-1)).toMatchObject({ userId: 'bob' });
  });
});

describe('a refresh', () => {
  it('is signed by the session’s own key, which cannot be read, under the newest nonce', async () => {
    const tab = openTab();
    await signIn(tab);
    const { keyPair } = await tab.sessions.record();
    expect(keyPair.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('jwk', keyPair.privateKey)).rejects.toThrow();
    server.next.set('/refresh', [() => problem(401, 'DPOP_NONCE_REQUIRED', { 'DPoP-Nonce': 'fresh' })]);
    await tab.sessions.access(undefined, (await tab.sessions.access(undefined)).token);
    const url = `${server.baseUrl}/refresh`;
    expect(refreshes().map(({ dpop }) => dpop)).toMatchObject([
      { htm: 'POST', htu: url },
      { htm: 'POST', htu: url, nonce: 'fresh' },
    ]);
    expect(refreshes()[0]?.dpop).not.toHaveProperty('nonce');
  });

  it('that is asked for a nonce again and again is given up after the second, and the session stays', async () => {
    const tab = openTab();
    const { token } = await signIn(tab);
    const ask = () => problem(401, 'DPOP_NONCE_REQUIRED', { 'DPoP-Nonce': 'never right' });
    server.next.set('/refresh', [ask, ask, ask]);
    await expect(tab.sessions.access(undefined, token)).rejects.toEqual(code('DPOP_NONCE_REQUIRED'));
    expect(refreshes()).toHaveLength(2);
    await expect(tab.sessions.access(undefined, token)).resolves.toBeDefined();
  });

  it('comes before the token ends, by this device’s own clock, however wrong that is', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    const tab = openTab();
    await signIn(tab);
    await tab.sessions.access(undefined);
    vi.setSystemTime(Date.now() + 589_000);
    await tab.sessions.access(undefined);
    expect(refreshes()).toEqual([]);
    vi.setSystemTime(Date.now() + 2_000);
    await tab.sessions.access(undefined);
    expect(refreshes()).toHaveLength(1);
  });

  it('whose answer is lost costs no session: the same token is presented again', async () => {
    const tab = openTab();
    const { token, refreshToken } = await signIn(tab);
    server.next.set('/refresh', [() => Promise.reject(new TypeError('network'))]);
    await expect(tab.sessions.access(undefined, token)).rejects.toEqual(code('NETWORK_ERROR'));
    await tab.sessions.access(undefined, token);
    expect(refreshes().map(({ body }) => body['refreshToken'])).toEqual([refreshToken, refreshToken]);
  });

  it('after a reload goes on with the nonce that the browser has heard last', async () => {
    const tab = openTab();
    const { token } = await signIn(tab);
    const heard = { headers: { 'DPoP-Nonce': 'heard' } };
    server.next.set('/refresh', [() => Response.json(server.grant(), heard)]);
    await tab.sessions.access(undefined, token);
    await openTab().sessions.access(undefined);
    expect(refreshes().at(-1)?.dpop).toMatchObject({ nonce: 'heard' });
  });

  it.each([
    [401, 'SESSION_ENDED'],
    [409, 'SESSION_MISMATCH'],
    [400, 'INVALID_REFRESH_TOKEN'],
  ])('refused with %i %s ends the session in all tabs', async (status, refusal) => {
    const [one, other] = [openTab(), openTab()];
    const { token } = await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    server.next.set('/refresh', [() => problem(status, refusal)]);
    await expect(one.sessions.access(undefined, token)).rejects.toEqual(code('SESSION_ENDED'));
    expect(one.told.at(-1)).toBeNull();
    await until(() => expect(other.told.at(-1)).toBeNull());
    await expect(openTab().sessions.access(undefined)).rejects.toEqual(code('NO_SESSION'));
  });

  it.each([
    [503, 'STORE_UNAVAILABLE'],
    [429, 'RATE_LIMITED'],
    [401, 'INVALID_DPOP_PROOF'],
    [500, 'INTERNAL_ERROR'],
  ])('refused with %i %s keeps the session', async (status, refusal) => {
    const tab = openTab();
    const { token } = await signIn(tab);
    server.next.set('/refresh', [() => problem(status, refusal)]);
    await expect(tab.sessions.access(undefined, token)).rejects.toEqual(code(refusal));
    await expect(tab.sessions.access(undefined, token)).resolves.toBeDefined();
    expect(tab.told).toHaveLength(1);
  });

  it('that one caller gives up goes on for the others', async () => {
    const tab = openTab();
    const { token } = await signIn(tab);
    const controller = new AbortController();
    const [impatient, patient] = [
      tab.sessions.access(controller.signal, token),
      tab.sessions.access(undefined, token),
    ];
    controller.abort(new Error('never mind'));
    await expect(impatient).rejects.toThrow('never mind');
    await expect(patient).resolves.toBeDefined();
  });

  it('on a full disk goes on in its tab, and says so', async () => {
    const records = openSessionRecords();
    const tab = openTab(records);
    const { token } = await signIn(tab);
    vi.spyOn(records.current, 'update').mockRejectedValueOnce(new Error('QuotaExceededError'));
    const first = await tab.sessions.access(undefined, token);
    expect(tab.errors).toHaveLength(1);
    await tab.sessions.access(undefined, first.token);
    const [before, after] = refreshes().map(({ body }) => body['refreshToken']);
    expect(after).not.toBe(before);
  });
});

describe('a request for the session', () => {
  const unauthenticated = () => Promise.reject(new ZkpAuthError('UNAUTHENTICATED'));

  it('that is refused for its token is made once more, under a fresh one', async () => {
    const tab = openTab();
    const { token } = await signIn(tab);
    const tokens: string[] = [];
    const ask = vi.fn(async ({ access }: Authority) => {
      tokens.push(access.token);
      return tokens.length === 1 ? unauthenticated() : 'answer';
    });
    await expect(authorizedRequest(tab.sessions, undefined, ask)).resolves.toBe('answer');
    expect(tokens).toEqual([token, expect.not.stringMatching(token)]);
    await expect(authorizedRequest(tab.sessions, undefined, unauthenticated)).rejects.toEqual(
      code('UNAUTHENTICATED'),
    );
    expect(refreshes(), 'once for each of the two').toHaveLength(2);
  });

  it('finds out that the session has ended elsewhere', async () => {
    const tab = openTab();
    await signIn(tab);
    server.next.set('/refresh', [() => problem(401, 'SESSION_ENDED')]);
    const ending = endSessionsBy(tab.sessions, everySession, unauthenticated);
    await expect(ending).rejects.toEqual(code('SESSION_ENDED'));
    expect(tab.told.at(-1)).toBeNull();
  });
});

describe('ending sessions', () => {
  it('no refresh under way brings back what was ended, in this tab or another', async () => {
    const [one, other] = [openTab(), openTab()];
    const { token } = await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    server.next.set('/refresh', [() => held.then(() => Response.json(server.grant()))]);
    const refreshing = other.sessions.access(undefined, token);
    await until(() => expect(refreshes()).toHaveLength(1));
    const ending = endSessionsBy(one.sessions, everySession, async () => undefined);
    answer();
    await Promise.all([refreshing, ending]);
    await until(() => expect([one.told.at(-1), other.told.at(-1)]).toEqual([null, null]));
    await expect(openTab().sessions.record()).rejects.toEqual(code('NO_SESSION'));
  });
});

describe('a session that ended without a sign-out here', () => {
  const isOver = () => problem(401, 'SESSION_ENDED');

  it('is named to every tab, and to the next load of the page', async () => {
    const [one, other] = [openTab(), openTab()];
    const { sessionId, token } = await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    server.next.set('/refresh', [isOver]);
    await expect(one.sessions.access(undefined, token)).rejects.toEqual(code('SESSION_ENDED'));
    expect(one.ended.at(-1)).toMatchObject({ userId: 'alice', sessionId });
    await until(() => expect(other.ended.at(-1)).toMatchObject({ userId: 'alice', sessionId }));
    for (const _ of ['reloaded', 'and once more']) {
      const reloaded = openTab();
      await expect(reloaded.sessions.access(undefined)).rejects.toEqual(code('NO_SESSION'));
      expect(reloaded.ended.at(-1)).toMatchObject({ userId: 'alice', sessionId });
    }
  });

  it('is named after a crash that lost its cookie: the record is on disk, and the server knows no token', async () => {
    await signIn(openTab());
    const restarted = openTab();
    server.next.set('/refresh', [isOver]);
    await expect(restarted.sessions.access(undefined)).rejects.toEqual(code('SESSION_ENDED'));
    expect(restarted.ended.at(-1)).toMatchObject({ userId: 'alice' });
    expect(restarted.ended.at(-1)).not.toHaveProperty('keyPair');
  });

  it('is named no more after the next sign-in, after a sign-out, and after its key was forgotten', async () => {
    for (const leave of [
      async ({ sessions }: Tab) => {
        await signIn({ sessions } as Tab);
        await sessions.signOut(undefined);
      },
      ({ sessions }: Tab) => sessions.signOut(undefined),
      ({ sessions }: Tab) => forgetEndedOf(sessions, 'alice'),
    ]) {
      const tab = openTab();
      const { token } = await signIn(tab);
      server.next.set('/refresh', [isOver]);
      await tab.sessions.access(undefined, token).catch(() => undefined);
      expect(tab.ended.at(-1)).toMatchObject({ userId: 'alice' });
      await forgetEndedOf(tab.sessions, 'bob');
      expect(tab.ended.at(-1)).toMatchObject({ userId: 'alice' });
      const other = openTab();
      await other.sessions.access(undefined).catch(() => undefined);
      expect(other.ended.at(-1)).toMatchObject({ userId: 'alice' });
      await leave(tab);
      expect(tab.ended.at(-1)).toBeNull();
      await until(() => expect(other.ended.at(-1), 'in another tab too').toBeNull());
      const reloaded = openTab();
      await reloaded.sessions.access(undefined).catch(() => undefined);
      expect(reloaded.ended.at(-1) ?? null).toBeNull();
    }
  });

  it('is not one that was signed out here', async () => {
    const [one, other] = [openTab(), openTab()];
    await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    await one.sessions.signOut(undefined);
    await until(() => expect(other.told.at(-1)).toBeNull());
    expect([one.ended.at(-1), other.ended.at(-1)]).toEqual([null, null]);
  });
});

describe('a tab that was frozen while it refreshed', () => {
  /** Refresh in a tab that loses its lock to another tab before the answer has come. */
  async function wakeAfter(
    meanwhile: (tab: Tab) => Promise<unknown>,
  ): Promise<[frozen: Tab, woken: Promise<unknown>]> {
    const frozen = openTab();
    const { token } = await signIn(frozen);
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const grant = server.grant();
    server.next.set('/refresh', [() => held.then(() => Response.json(grant))]);
    const refreshing = frozen.sessions.access(undefined, token);
    await until(() => expect(refreshes()).toHaveLength(1));
    const id = `zkp-auth session ${server.baseUrl}`;
    await navigator.locks.request(id, { steal: true }, async () => undefined);
    await meanwhile(openTab());
    answer();
    return [frozen, refreshing.catch((error: unknown) => error)];
  }

  it('does not put its older token over the newer one', async () => {
    const [, woken] = await wakeAfter(({ sessions }) => sessions.access(undefined));
    const newer = (await openSessionRecords().current.get(server.baseUrl)) as SessionRecord;
    await woken;
    await expect(openSessionRecords().current.get(server.baseUrl)).resolves.toMatchObject({
      refreshToken: newer.refreshToken,
      refreshes: 1,
    });
  });

  it('before it could send presents no token that another tab has spent since then', async () => {
    const frozen = openTab();
    const { token } = await signIn(frozen);
    let wake: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (wake = resolve));
    const signed = vi.spyOn(DpopSigner.prototype, 'sign').mockImplementationOnce(async () => {
      await held;
      return 'late';
    });
    const refreshing = frozen.sessions.access(undefined, token);
    await until(() => expect(signed).toHaveBeenCalled());
    await navigator.locks.request(
      `zkp-auth session ${server.baseUrl}`,
      { steal: true },
      async () => undefined,
    );
    const awake = openTab();
    const newer = await awake.sessions.access(undefined);
    expect(refreshes()).toHaveLength(1);
    wake();
    expect((await refreshing).token, 'it goes on with what the other has got').toBe(newer.token);
    expect(refreshes()).toHaveLength(1);
    signed.mockRestore();
  });

  it('does not bring back a session that was signed out', async () => {
    const [frozen, woken] = await wakeAfter(({ sessions }) => sessions.signOut(undefined));
    expect(await woken).toEqual(code('NO_SESSION'));
    expect(frozen.told.at(-1)).toBeNull();
    await expect(openTab().sessions.record()).rejects.toEqual(code('NO_SESSION'));
  });

  it('does not put itself in the place of the person who signed in meanwhile', async () => {
    const bob = { userId: 'bob', sessionId: encodeBase64url(new Uint8Array(32).fill(2)) };
    const [frozen, woken] = await wakeAfter((tab) => signIn(tab, server.grant(bob)));
    server.next.set('/refresh', [() => Response.json(server.grant(bob))]);
    expect(await woken).toMatchObject({ sessionId: bob.sessionId });
    expect(frozen.told.at(-1)).toMatchObject(bob);
    await expect(openTab().sessions.record()).resolves.toMatchObject(bob);
  });
});

describe('a sign-in that was frozen', () => {
  it('does not put itself in the place of the person who signed in meanwhile', async () => {
    const bob = { userId: 'bob', sessionId: encodeBase64url(new Uint8Array(32).fill(2)) };
    const [frozen, awake] = [openTab(), openTab()];
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let asked = false;
    const starting = frozen.sessions
      .start(await generateSessionKey(), undefined, async () => {
        asked = true;
        await held;
        return server.grant();
      })
      .catch((error: unknown) => error);
    await until(() => expect(asked).toBe(true));
    await navigator.locks.request(
      `zkp-auth session ${server.baseUrl}`,
      { steal: true },
      async () => undefined,
    );
    await signIn(awake, server.grant(bob));
    answer();
    expect(await starting).toEqual(code('SESSION_ENDED'));
    await expect(openTab().sessions.record()).resolves.toMatchObject(bob);
    expect(awake.told.at(-1)).toMatchObject(bob);
  });
});

describe('signing out', () => {
  it('in a tab that is closed before the server has answered names nobody at the next visit', async () => {
    for (const leave of [
      ({ sessions }: Tab) => sessions.signOut(undefined),
      ({ sessions }: Tab) => endSessionsBy(sessions, everySession, () => new Promise(() => undefined)),
    ]) {
      const tab = openTab();
      await signIn(tab);
      let asked = false;
      server.next.set('/sign-out', [
        () => {
          asked = true;
          return new Promise<Response>(() => undefined);
        },
      ]);
      void leave(tab).catch(() => undefined);
      await vi.waitFor(() => expect(asked).toBe(true), { timeout: 200 }).catch(() => undefined);
      await navigator.locks.request(
        `zkp-auth session ${server.baseUrl}`,
        { steal: true },
        async () => undefined,
      );
      server.next.set('/refresh', [() => problem(401, 'SESSION_ENDED')]);
      const next = openTab();
      await expect(next.sessions.access(undefined)).rejects.toThrow();
      expect(next.ended.at(-1) ?? null).toBeNull();
      server.next.clear();
    }
  });

  it('takes the key away even where the server cannot be told', async () => {
    const [one, other] = [openTab(), openTab()];
    await signIn(one);
    await until(() => expect(other.told).toHaveLength(1));
    server.next.set('/sign-out', [() => Promise.reject(new TypeError('network'))]);
    await expect(one.sessions.signOut(undefined)).rejects.toEqual(code('NETWORK_ERROR'));
    expect(one.told.at(-1)).toBeNull();
    await until(() => expect(other.told.at(-1)).toBeNull());
    await expect(openTab().sessions.record()).rejects.toEqual(code('NO_SESSION'));
  });

  it('tells the server also where the browser has cleared what it kept of the session', async () => {
    const records = openSessionRecords();
    const tab = openTab(records);
    const { sessionId } = await signIn(tab);
    await records.current.delete(server.baseUrl);
    await tab.sessions.signOut(undefined);
    expect(server.seen).toMatchObject([{ path: '/sign-out', body: { sessionId } }]);
    expect(tab.told.at(-1)).toBeNull();
  });

  it('where nobody is signed in is nothing', async () => {
    await expect(openTab().sessions.signOut(undefined)).resolves.toBeUndefined();
    expect(server.seen).toEqual([]);
  });
});

it('outside a page, two clients of one server are two devices', async () => {
  vi.stubGlobal('location', undefined);
  const [one, other] = [openTab(openSessionRecords()), openTab(openSessionRecords())];
  await signIn(one);
  await expect(one.sessions.access(undefined)).resolves.toBeDefined();
  await expect(other.sessions.access(undefined)).rejects.toEqual(code('NO_SESSION'));
});
