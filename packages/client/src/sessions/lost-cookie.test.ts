import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IDBFactory } from 'fake-indexeddb';
import { problem, type SessionServer, stubSessionServer } from '../../test/session-server.js';
import { DpopSigner, generateSessionKey } from '../transport/dpop-signer.js';
import { openSessionRecords } from './session-record.js';
import { BrowserSession } from './browser-session.js';
import { refreshSession } from './refresh-session.js';
import type { SessionState } from './tab-state.js';
import 'fake-indexeddb/auto';

const api = 'https://api.example';

let server: SessionServer;

beforeEach(() => {
  server = stubSessionServer();
  vi.stubGlobal('location', { origin: server.origin, href: `${server.origin}/` });
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => vi.unstubAllGlobals());

interface Tab {
  sessions: BrowserSession;
  states: SessionState[];
  errors: unknown[];
}

function openTab(audience = server.origin, credentials: 'same-origin' | 'include' = 'same-origin'): Tab {
  const { baseUrl, origin } = server;
  const states: SessionState[] = [];
  const errors: unknown[] = [];
  const sessions = new BrowserSession({
    refresh: refreshSession,
    channel: {
      endpoint: { baseUrl, origin, audience },
      timeoutMs: 5_000,
      credentials,
      signer: new DpopSigner(),
      fetch: (...request) => fetch(...request),
    },
    records: openSessionRecords(),
    onChange: (state) => states.push(state),
    onBackgroundError: (error) => errors.push(error),
  });
  return { sessions, states, errors };
}

async function signIn({ sessions }: Tab, change: object = { refreshToken: undefined }): Promise<void> {
  await sessions.start(await generateSessionKey(), undefined, async () => server.grant(change));
}

const sentence = 'The cookie of the session did not come with the request.';
const withoutCookie = () =>
  Response.json({ code: 'SESSION_ENDED', detail: sentence, cookie: 'missing' }, { status: 401 });

it('a session whose cookie does not come back has ended for that, in all tabs and at each visit until the next sign-in', async () => {
  const other = openTab();
  await signIn(openTab());
  await vi.waitFor(() => expect(other.states.at(-1)?.session).toMatchObject({ userId: 'alice' }));
  server.next.set('/refresh', [withoutCookie]);
  const reloaded = openTab();
  await expect(reloaded.sessions.access(undefined)).rejects.toMatchObject({
    code: 'SESSION_ENDED',
    message: sentence,
    cookie: 'missing',
  });
  const ended = { session: null, endedSession: { userId: 'alice', cookie: 'missing' } };
  expect(reloaded.states.at(-1)).toMatchObject(ended);
  await vi.waitFor(() => expect(other.states.at(-1)).toMatchObject(ended));
  const next = openTab();
  await expect(next.sessions.access(undefined)).rejects.toMatchObject({ code: 'NO_SESSION' });
  expect(next.states.at(-1)).toMatchObject(ended);
  await signIn(next);
  expect(next.states.at(-1)?.endedSession).toBeNull();
});

it('a session that ended otherwise says nothing of a cookie', async () => {
  const tab = openTab();
  await signIn(tab);
  server.next.set('/refresh', [() => problem(401, 'SESSION_ENDED')]);
  const reloaded = openTab();
  const error = await reloaded.sessions.access(undefined).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'SESSION_ENDED', cookie: undefined });
  expect(reloaded.states.at(-1)?.endedSession).toMatchObject({ userId: 'alice' });
  expect(reloaded.states.at(-1)?.endedSession).not.toHaveProperty('cookie');
});

it('a page that lets the browser drop the cookie of another origin is told so at the sign-in', async () => {
  const tab = openTab(api);
  await signIn(tab);
  expect(tab.errors).toEqual([
    new TypeError(`credentials: pass 'include' to keep the session cookie of ${api}`),
  ]);
  expect(tab.states.at(-1)?.session, 'who is signed in all the same').toMatchObject({ userId: 'alice' });
});

it.each<[string, () => Promise<Tab>]>([
  ['that passes credentials', async () => openTab(api, 'include')],
  ['on the origin of the server', async () => openTab()],
  [
    'that is none',
    async () => {
      vi.stubGlobal('location', undefined);
      return openTab(api);
    },
  ],
])('a page %s is told nothing of the kind', async (_, open) => {
  const tab = await open();
  await signIn(tab);
  expect(tab.errors).toEqual([]);
});

it('nor is one whose refresh token came in the body', async () => {
  const tab = openTab(api);
  await signIn(tab, {});
  expect(tab.errors).toEqual([]);
});
