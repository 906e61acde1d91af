import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { AuthEvent } from '../auth-event.js';
import { createZkpAuth, type ZkpAuth } from '../create-zkp-auth.js';
import { generateSigningKeys } from '../keys/generate-signing-keys.js';
import { BodyReader } from '../node/body-reader.js';
import { openPinAssistance } from '../pin/open-pin-assistance.js';
import { generatePinSecrets } from '../pin/pin-secrets.js';
import { SetUpWarning } from '../set-up-warnings.js';
import { InMemoryChallengeStore } from '../stores/in-memory-challenge-store.js';
import { InMemoryCredentialStore } from '../stores/in-memory-credential-store.js';
import { InMemoryPinStore } from '../stores/in-memory-pin-store.js';
import { InMemorySessionStore } from '../stores/in-memory-session-store.js';

/**
 * The parts of an application under test. It listens on `port` of 127.0.0.1 and serves
 *
 * - `/auth`, the routes of the protocol, with the options `address` and `bodyReader`,
 * - `/limited`, the same with a `rateLimitHook` that calls `limit`,
 * - `/me`, `/recent` and `/stateless`, guarded, the last two with `{ maxAgeMs: 0 }` and `{ stateless: true }`. Each
 *   answers `{ userId }` in JSON,
 * - `/transfer` and `/small`, guarded for POST with `{ confirm: 'transfer' }` and
 *   `{ confirm: { action: 'small', limitBytes: 16 } }`. Each answers `{ userId, payload }`. The payload is the
 *   confirmed bytes as text,
 * - `/.well-known/jwks.json`, the public keys.
 *
 * Every guard has the option `address`.
 */
export interface AdapterApp {
  readonly port: number;
  readonly auth: ZkpAuth;
  /** The address of a client, from a function that reads a header of its request. */
  address(header: (name: string) => string | null | undefined): string | undefined;
  /** A rate limiter. It rejects to refuse. */
  limit(): Promise<void>;
  readonly bodyReader: BodyReader;
}

/** Serves an application until the function that it gives is called. */
export type ServeAdapterApp = (app: AdapterApp) => Promise<() => Promise<void>>;

/** An application under test, and the parts of it that a test changes. */
export interface AdapterFixture extends AdapterApp {
  readonly url: string;
  readonly events: AuthEvent[];
  /** The errors that `onError` received. */
  readonly faults: unknown[];
  /** The limiter of `/limited`. Its default lets every request through. */
  limiter: () => void;
  /** Whether the store of credentials fails. */
  isStoreDown: boolean;
}

/** How long the application waits for a body, in milliseconds. */
export const bodyTimeoutMs = 400;

export async function openAdapterFixture(): Promise<AdapterFixture> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const events: AuthEvent[] = [];
  const faults: unknown[] = [];
  const pins = new InMemoryPinStore();
  const credentials = new InMemoryCredentialStore();
  const fixture: AdapterFixture = {
    port,
    url,
    events,
    faults,
    isStoreDown: false,
    limiter: () => undefined,
    bodyReader: new BodyReader({ timeoutMs: bodyTimeoutMs }),
    address: (header) => header('x-client-address') ?? undefined,
    limit: async () => fixture.limiter(),
    auth: createZkpAuth({
      origins: [url],
      stores: {
        challenges: new InMemoryChallengeStore(),
        credentials: failing(credentials, () => fixture.isStoreDown),
        sessions: new InMemorySessionStore(),
        links: credentials.linkStore(),
      },
      keys: await generateSigningKeys(),
      pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
      limits: { registrationsByAddress: { max: 1_000 }, linkGuessesByEveryone: { max: 1_000_000 } },
      onEvent: (event) => void events.push(event),
      onError: (error) => {
        // Tests provoke refusals on purpose, and these look like a wrong set-up.
        if (!(error instanceof SetUpWarning)) faults.push(error);
      },
    }),
  };
  return fixture;
}

/** The same store. Every call rejects while `isDown` gives true. */
function failing<Store extends object>(store: Store, isDown: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (isDown()) throw new Error('the store is down');
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
