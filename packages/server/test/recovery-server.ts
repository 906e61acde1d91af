import { credentialIdOf, encodeUtf8, generateKeyPair } from '@zkp-auth/core';
import type { AuthEvent } from '../src/index.js';
import { generatePinSecrets, generateSigningKeys, openPinAssistance } from '../src/index.js';
import { confirmation } from './confirmation.js';
import type { OpenedStores } from './every-store.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, type TestAuthOptions } from './test-client.js';
import type { TestAuth } from './test-auth.js';
import type { KeyHolder } from './recovery-client.js';

export interface RecoveryServer {
  auth: TestAuth;
  /** Another process on the same stores. */
  start(options?: TestAuthOptions): Promise<TestAuth>;
  events: AuthEvent[];
  types(): string[];
  clock: { nowMs: number };
  opened: OpenedStores;
  /** A user with one device, and a session of it. */
  register(userId: string): Promise<SignedInDevice>;
}

export interface SignedInDevice extends KeyHolder {
  credentialId: string;
  browser: TestBrowser;
}

/** A server whose clock stands still, on stores of one set-up. */
export async function startRecoveryServer(
  open: (now: () => number) => Promise<OpenedStores>,
  options: TestAuthOptions = {},
): Promise<RecoveryServer> {
  const events: AuthEvent[] = [];
  const clock = { nowMs: Date.now() };
  const now = () => clock.nowMs;
  const opened = await open(now);
  const keys = await generateSigningKeys({ now });
  const secrets = generatePinSecrets();
  const start = async (change: TestAuthOptions = {}) =>
    createTestAuth({
      keys,
      now,
      pinAssistance: await openPinAssistance({ store: opened.pins, secrets }),
      onEvent: (event) => void events.push(event),
      ...options,
      ...change,
      stores: opened.stores,
    });
  const auth = await start();
  return {
    auth,
    start,
    events,
    types: () => events.map((event) => ('reason' in event ? `${event.type}:${event.reason}` : event.type)),
    clock,
    opened,
    async register(userId) {
      const device = generateKeyPair();
      const browser = new TestBrowser(auth, await newSessionKey());
      await browser.register(userId, device);
      return { userId, keys: device, credentialId: credentialIdOf(device.publicKey), browser };
    },
  };
}

/** Send a request that the device's session confirms over its exact bytes. */
export async function confirmed(
  auth: TestAuth,
  { userId, keys, browser }: SignedInDevice,
  asked: { name: 'stopRecovery' | 'revokeCredential'; action: string; path: string; body: object },
): Promise<unknown> {
  const payload = encodeUtf8(JSON.stringify(asked.body));
  const sessionKey = browser.key?.thumbprint;
  const header = await confirmation(auth, { userId, keys, action: asked.action, payload, sessionKey });
  const accessToken = browser.current.token;
  return browser.withNonce(async () => {
    const facts = await browser.facts('POST', asked.path, { accessToken });
    return auth.calls[asked.name](payload, { ...facts, confirmation: header });
  });
}

export function stopRecovery(
  auth: TestAuth,
  by: SignedInDevice,
  credentialId: string,
  revokeKit = false,
): Promise<unknown> {
  const body = { credentialId, ...(revokeKit ? { revokeKit } : {}) };
  const action = 'zkp-auth:stop-recovery';
  return confirmed(auth, by, { name: 'stopRecovery', action, path: '/auth/recover/stop', body });
}
