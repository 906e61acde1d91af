import { type AuthEvent, generatePinSecrets, generateSigningKeys, openPinAssistance } from '../src/index.js';
import type { OpenedStores } from './every-store.js';
import type { TestAuth } from './test-auth.js';
import { createTestAuth, type TestAuthOptions } from './test-client.js';

/** Two servers over the same stores and keys. */
export interface TwoServers {
  auth: TestAuth;
  other: TestAuth;
  /** The events of all servers. */
  events: AuthEvent[];
  /** Open a further server, over stores that may be changed. */
  open(opened: Pick<OpenedStores, 'stores' | 'pins'>): Promise<TestAuth>;
}

export async function startTwoServers(
  opened: OpenedStores,
  options: Pick<TestAuthOptions, 'now' | 'limits'> = {},
): Promise<TwoServers> {
  const { now } = options;
  const keys = await generateSigningKeys(now === undefined ? {} : { now });
  const secrets = generatePinSecrets();
  const events: AuthEvent[] = [];
  const open: TwoServers['open'] = async ({ stores, pins }) =>
    createTestAuth({
      ...options,
      stores,
      keys,
      pinAssistance: await openPinAssistance({ store: pins, secrets }),
      onEvent: (event) => void events.push(event),
    });
  return { auth: await open(opened), other: await open(opened), events, open };
}
