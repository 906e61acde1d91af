import {
  type AuthEvent,
  type CredentialStore,
  generatePinSecrets,
  generateSigningKeys,
  openPinAssistance,
  type PinSecrets,
  type PinStore,
} from '../src/index.js';
import type { OpenedStores } from './every-store.js';
import { NewDevice, Opener } from './link-client.js';
import { type PinRecord, registerWithPin } from './pin-client.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, type TestAuthOptions } from './test-client.js';
import type { TestAuth, TestFacts } from './test-auth.js';

/** The PINs of alice, on her first device and on the new one. */
export const [pin, newPin] = ['493817', '715204'];

export interface LinkServer {
  auth: TestAuth;
  credentials: CredentialStore;
  pins: PinStore;
  secrets: PinSecrets;
  events: AuthEvent[];
  types(): AuthEvent['type'][];
  clock: { nowMs: number };
  /** Alice's first key. */
  alice: PinRecord;
  /** Another process on the same stores and keys. */
  start(options?: TestAuthOptions): Promise<TestAuth>;
  /** Alice, or another user, signed in with a session's key. */
  signIn(record?: PinRecord, auth?: TestAuth): Promise<Opener>;
  newDevice(facts?: TestFacts): NewDevice;
}

/** A server whose clock stands still, with alice registered. */
export async function startLinkServer(
  opened: OpenedStores,
  clock = { nowMs: Date.now() },
  options: TestAuthOptions = {},
): Promise<LinkServer> {
  const events: AuthEvent[] = [];
  const now = (): number => clock.nowMs;
  const keys = await generateSigningKeys({ now });
  const secrets = generatePinSecrets();
  const start = async (change: TestAuthOptions = {}): Promise<TestAuth> =>
    createTestAuth({
      stores: opened.stores,
      pinAssistance: await openPinAssistance({ store: opened.pins, secrets }),
      keys,
      now,
      onEvent: (event) => void events.push(event),
      ...options,
      ...change,
    });
  const auth = await start();
  const alice = await registerWithPin(auth, 'alice', pin);
  events.length = 0;
  const { credentials } = opened.stores;
  return {
    auth,
    credentials,
    pins: opened.pins,
    secrets,
    events,
    types: () => events.map(({ type }) => type),
    clock,
    alice,
    start,
    async signIn(record = alice, at = auth) {
      const browser = new TestBrowser(at, await newSessionKey());
      await browser.login(record.userId, record.keys);
      events.length = 0;
      return new Opener(at.calls, browser, record);
    },
    newDevice: (facts = {}) => new NewDevice(auth.calls, facts),
  };
}

/** A link up to `revealed`, with both devices and the offer that E has seen. */
export async function revealedLink(
  server: LinkServer,
  opener?: Opener,
  deviceFacts?: TestFacts,
): Promise<{ opener: Opener; device: NewDevice; seen: Awaited<ReturnType<Opener['look']>> }> {
  const e = await (opener ?? (await server.signIn())).open();
  const device = await server.newDevice(deviceFacts).claim(e.code, newPin);
  await device.offer();
  const seen = await e.look();
  await e.reveal();
  return { opener: e, device, seen };
}
