import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Access } from '../transport/dpop-signer.js';
import type { SessionInfo } from './session-record.js';
import { otherTabsToken } from './refresh-session.js';
import { type SessionState, TabState } from './tab-state.js';

const alice: SessionInfo = { userId: 'alice', credentialId: 'a', sessionId: 'one' };
const bob: SessionInfo = { userId: 'bob', credentialId: 'b', sessionId: 'two' };
const accessOf = ({ sessionId }: SessionInfo, lastsMs = 600_000): Access => ({
  sessionId,
  token: `token of ${sessionId}`,
  tokenType: 'Bearer',
  expiresAtMs: Date.now() + lastsMs,
});

let told: SessionState[];
let state: TabState;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  state = new TabState((change) => told.push(change));
});
afterEach(() => vi.useRealTimers());

it('says who is signed in once, however many tokens of that session come', () => {
  state.adopt(alice, accessOf(alice));
  state.adopt({ ...alice }, accessOf(alice));
  expect(told).toEqual([{ session: alice, endedSession: null }]);
});

it('gives no token that was rejected, or that ends within ten seconds', () => {
  state.adopt(alice, accessOf(alice, 11_000));
  expect(state.usable(undefined)).toMatchObject({ sessionId: 'one' });
  expect(state.usable('token of one')).toBeNull();
  vi.advanceTimersByTime(1_000);
  expect(state.usable(undefined)).toBeNull();
});

it('takes no late message of another tab about a session that has ended', () => {
  state.adopt(alice, accessOf(alice));
  state.hear({ kind: 'ended', sessionId: 'one' });
  state.hear({ kind: 'access', session: alice, access: accessOf(alice) });
  expect(state.session).toBeNull();
  expect(state.usable(undefined)).toBeNull();
});

it('goes on with its session when another one ends', () => {
  state.adopt(bob, accessOf(bob));
  state.hear({ kind: 'ended', sessionId: 'one', session: alice });
  expect(state.session).toEqual(bob);
  expect(told.at(-1)).toEqual({ session: bob, endedSession: null });
});

it('names the session that has ended until it is told not to', () => {
  state.adopt(alice, accessOf(alice));
  state.end('one', alice);
  expect(told.at(-1)).toEqual({ session: null, endedSession: alice });
  state.hear({ kind: 'unnamed' });
  expect(told.at(-1)).toEqual({ session: null, endedSession: null });
});

it('lets its unsaved record go when another session takes its place', () => {
  state.unsaved = { ...alice, refreshes: 0, keyPair: {} as CryptoKeyPair };
  state.adopt(alice, accessOf(alice));
  expect(state.unsaved).toBeDefined();
  state.adopt(bob, accessOf(bob));
  expect(state.unsaved).toBeUndefined();
});

it('waits to be told of a token, and no longer than it takes other tabs to tell', async () => {
  const silent = otherTabsToken(state, undefined);
  await vi.advanceTimersByTimeAsync(300);
  await silent;
  const heard = otherTabsToken(state, undefined);
  state.hear({ kind: 'access', session: alice, access: accessOf(alice) });
  await heard;
  expect(state.usable(undefined)).toMatchObject({ token: 'token of one' });
});
