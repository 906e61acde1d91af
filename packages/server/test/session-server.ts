import { credentialIdOf, generateKeyPair, type KeyPair } from '@zkp-auth/core';
import {
  type AuthEvent,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemorySessionStore,
  type KeyRing,
} from '../src/index.js';
import { newSessionKey, type SessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, type TestAuthOptions } from './test-client.js';
import type { TestAuth } from './test-auth.js';

export interface SessionServer {
  auth: TestAuth;
  sessions: InMemorySessionStore;
  credentials: InMemoryCredentialStore;
  keyRing: KeyRing;
  events: AuthEvent[];
  /** The types of all events, with their reasons. */
  types(): string[];
  clock: { nowMs: number };
  alice: { keys: KeyPair; credentialId: string };
  /** Another process on the same stores and ring. */
  start(options?: TestAuthOptions): Promise<TestAuth>;
  /** A browser with alice signed in, with its own key or without one. */
  signIn(key?: SessionKey | null): Promise<TestBrowser>;
}

/** A server whose clock stands still. Alice is registered, and nobody is signed in. */
export async function startSessionServer(options: TestAuthOptions = {}): Promise<SessionServer> {
  const events: AuthEvent[] = [];
  const clock = { nowMs: 1_800_000_000_000 };
  const now = () => clock.nowMs;
  const sessions = new InMemorySessionStore();
  const credentials = new InMemoryCredentialStore();
  const keyRing = options.keys ?? (await generateSigningKeys({ now }));
  const stores = {
    challenges: new InMemoryChallengeStore({ now }),
    credentials,
    sessions,
    ...options.stores,
  };
  const start = (change: TestAuthOptions = {}) =>
    createTestAuth({
      keys: keyRing,
      now,
      onEvent: (event) => void events.push(event),
      ...options,
      ...change,
      stores: { ...stores, ...change.stores },
    });
  const auth = await start();
  const keys = generateKeyPair();
  await new TestBrowser(auth, await newSessionKey()).register('alice', keys);
  await auth.endAllSessions('alice');
  events.length = 0;
  return {
    auth,
    sessions,
    credentials,
    keyRing,
    events,
    types: () => events.map((event) => ('reason' in event ? `${event.type}:${event.reason}` : event.type)),
    clock,
    alice: { keys, credentialId: credentialIdOf(keys.publicKey) },
    start,
    async signIn(key) {
      const browser = new TestBrowser(auth, key === undefined ? await newSessionKey() : key);
      await browser.login('alice', keys);
      return browser;
    },
  };
}
