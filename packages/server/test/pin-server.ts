import { expect } from 'vitest';
import {
  type AuthEvent,
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
  type PinSecrets,
} from '../src/index.js';
import { guess, type PinRecord, registerWithPin } from './pin-client.js';
import { createTestAuth } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const hourMs = 3_600_000;

/** The PIN of alice. Each server below has registered her. */
export const pin = '493817';

export interface PinServer {
  auth: TestAuth;
  /** The same server, started again. */
  start(): Promise<TestAuth>;
  alice: PinRecord;
  store: InMemoryPinStore;
  credentials: InMemoryCredentialStore;
  secrets: PinSecrets;
  events: AuthEvent[];
  types(): AuthEvent['type'][];
  clock: { nowMs: number; stepMs: number };
}

/** A server whose clock advances by an hour with each look at it, so that no wait hides a count. */
export async function startPinServer(): Promise<PinServer> {
  const events: AuthEvent[] = [];
  const store = new InMemoryPinStore();
  const credentials = new InMemoryCredentialStore();
  const secrets = generatePinSecrets();
  const clock = { nowMs: 1_700_000_000_000, stepMs: hourMs };
  const start = async () =>
    createTestAuth({
      stores: { challenges: new InMemoryChallengeStore(), credentials },
      pinAssistance: await openPinAssistance({ store, secrets }),
      onEvent: (event) => void events.push(event),
      now: () => (clock.nowMs += clock.stepMs),
    });
  const auth = await start();
  const alice = await registerWithPin(auth, 'alice', pin);
  const types = () => events.map(({ type }) => type);
  return { auth, start, alice, store, credentials, secrets, events, types, clock };
}

export async function guessWrong(auth: TestAuth, record: PinRecord, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    expect((await guess(auth, record, `wrong-${n}`)).output).not.toBe(record.output);
  }
}
