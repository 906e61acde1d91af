import { openDefaultStorage } from '#vault-host';
import type { ZkpAuthClientOptions } from './client-types.js';
import { openEvictionMarker } from './storage/eviction-marker.js';
import { DpopSigner } from './transport/dpop-signer.js';
import { openSessionRecords } from './sessions/session-record.js';
import { BrowserSession } from './sessions/browser-session.js';
import type { SessionState } from './sessions/tab-state.js';
import type * as management from './management.js';
import { resolveEndpoint } from './transport/endpoint.js';
import type { Channel } from './transport/channel.js';
import type { Call } from './ceremony/call.js';
import type { DefaultStorage } from './worker/worker-vault-host.js';

/** The parts that all calls of one client share. */
export type Connection = Omit<Call, 'signal' | 'report' | 'later' | 'standing'> & {
  /** Close its channel, session and storage for good. */
  close: () => void;
};

/**
 * Find out the server's address, and open the client's storage and session.
 *
 * @param loadManagement loads what a plain sign-in does not need.
 * @throws `TypeError` if the configuration cannot work.
 */
export function connect(
  options: ZkpAuthClientOptions,
  onChange: (change: SessionState) => void,
  loadManagement: () => Promise<typeof management>,
): Connection {
  const { baseUrl, origin, timeoutMs = 30_000, credentials = 'same-origin' } = options;
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    throw new TypeError('fetch must be a function like the global one');
  }
  const endpoint = resolveEndpoint(baseUrl, origin);
  const channel: Channel = {
    endpoint,
    timeoutMs,
    credentials,
    signer: new DpopSigner(),
    // Not as a method: browsers refuse their own `fetch` with another `this`.
    fetch: (...request) => (options.fetch ?? fetch)(...request),
  };
  const storage: DefaultStorage = options.storage ?? openDefaultStorage(options);
  const onBackgroundError = (error: unknown): void => options.onBackgroundError?.(error);
  const session = new BrowserSession({
    channel,
    records: openSessionRecords(),
    onChange,
    onBackgroundError,
    refresh: async (...before) => (await loadManagement()).refreshSession(...before),
  });
  return {
    ...channel,
    storage,
    nameOf: (userId) => ({ userId, audience: endpoint.audience }),
    session,
    confirmations: new Map(),
    loadRareSteps: loadManagement,
    pinAssistance: options.pinAssistance ?? true,
    pinPolicy: options.pinPolicy ?? {},
    marker: storage.evictable ? openEvictionMarker() : null,
    close: () => {
      session.close();
      // One that was handed in is the application's own.
      if (options.storage === undefined) storage.close?.();
    },
  };
}
