import { createZkpAuth, type ZkpAuth } from './create-zkp-auth.js';
import type { DurableStores } from './durable-stores.js';
import type { KeyRing } from './keys/key-ring.js';
import { openKeyRing } from './keys/open-key-ring.js';
import { loadOptional } from './load-optional.js';
import {
  forgetExpiredEveryMsOf,
  keyRingOptionsOf,
  type OpenZkpAuthOptions,
  refuseBadOptions,
} from './open-zkp-auth-options.js';
import { openPinAssistance, type PinAssistance } from './pin/open-pin-assistance.js';
import { runEvery } from './run-every.js';
import { InMemoryChallengeStore } from './stores/in-memory-challenge-store.js';
import type { ZkpAuthOptions } from './zkp-auth-options.js';

/**
 * A whole server with all its stores and keys, in one call.
 *
 * With `folder` it keeps everything in that folder: a SQLite database, `signing-keys.json` and `pin-secrets.json`.
 * It makes them on first start, for its user alone. It needs the packages kysely and better-sqlite3. One process
 * answers requests. Others, such as a command of the operator, may open the folder beside it.
 *
 * With `stores` and `redis` any number of processes are one server. Lasting data is in the stores, and short-lived
 * data in Redis.
 *
 * Signing keys rotate every 30 days, and expired sessions are deleted every hour. `auth.close()` ends that, and
 * closes the database of a folder. An open server does not keep its process alive.
 *
 * @throws `TypeError` for options that cannot work, before anything is made.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID`, `KEY_RING_INVALID`, `MASTER_KEY_MISSING` and
 * `PIN_SECRET_MISSING` for keys that cannot be used, and `STORE_UNAVAILABLE` or the database's own error if the
 * database cannot be used.
 *
 * @example
 * ```ts
 * const auth = await openZkpAuth({ origins: ['https://app.example'], folder: './data' });
 * app.use('/auth', zkpAuth(auth));
 * ```
 *
 * @example
 * ```ts
 * const stores = await openPostgresStores(new Pool({ connectionString }));
 * const auth = await openZkpAuth({ origins: ['https://app.example'], stores, redis: new Redis(url) });
 * ```
 */
export async function openZkpAuth(options: OpenZkpAuthOptions): Promise<ZkpAuth> {
  await refuseBadOptions(options);
  const shortLived = await shortLivedOf(options);
  const { stores, closeStores } = await openStores(options);
  try {
    const { keys, pinAssistance } = await openKeys(stores, options);
    const { credentials, sessions, links } = stores;
    const { limits, challenges } = shortLived;
    const auth = createZkpAuth({
      ...options,
      stores: { challenges, credentials, sessions, ...(links === undefined ? {} : { links }) },
      ...(limits === undefined ? {} : { limits }),
      keys,
      pinAssistance,
    });
    return thatReleases(auth, options, async () => {
      keys.close();
      await closeStores();
    });
  } catch (error) {
    await closeStores();
    throw error;
  }
}

type ShortLived = Pick<ZkpAuthOptions['stores'], 'challenges'> & Pick<ZkpAuthOptions, 'limits'>;

async function shortLivedOf(options: OpenZkpAuthOptions): Promise<ShortLived> {
  const { redis, redisPrefix = 'zkp-auth:', now, limits } = options;
  if (redis === undefined) {
    const challenges = new InMemoryChallengeStore(now === undefined ? {} : { now });
    return limits === undefined ? { challenges } : { challenges, limits };
  }
  const { redisStoresOf } = await import('./redis/redis-stores.js');
  const shared = redisStoresOf(redis, redisPrefix);
  return {
    challenges: shared.challenges,
    limits: limits === false ? false : { store: shared.limits, ...limits },
  };
}

interface OpenedStores {
  stores: DurableStores;
  /** Close the stores that were opened here. */
  closeStores: () => Promise<void>;
}

async function openStores({ folder, stores }: OpenZkpAuthOptions): Promise<OpenedStores> {
  if (folder === undefined) return { stores, closeStores: () => Promise.resolve() };
  const { openSqliteStores } = await loadOptional(
    () => import('./sql/open-sqlite-stores.js'),
    'kysely better-sqlite3',
  );
  const opened = await openSqliteStores(folder);
  return { stores: opened, closeStores: () => opened.close() };
}

async function openKeys(
  { keyRing, pins, pinSecrets, encrypt }: DurableStores,
  options: OpenZkpAuthOptions,
): Promise<{ keys: KeyRing; pinAssistance: PinAssistance }> {
  const { masterKey } = options;
  const env = masterKey === undefined ? process.env : { ZKP_AUTH_MASTER_KEY: masterKey };
  const pinAssistance = await openPinAssistance({ store: pins, secretStore: pinSecrets, encrypt, env });
  const keys = await openKeyRing({ ...keyRingOptionsOf(options), store: keyRing, encrypt, env });
  return { keys, pinAssistance };
}

/** Finish deletions that a crash has cut short, and delete expired sessions by a timer. `close` stops it, and releases everything that was opened. */
function thatReleases(auth: ZkpAuth, options: OpenZkpAuthOptions, release: () => Promise<void>): ZkpAuth {
  const everyMs = forgetExpiredEveryMsOf(options);
  const report = (error: unknown): void => auth.reportError(error);
  // Both begin at once, so that a server which is closed meanwhile refuses neither.
  const tidy = async (): Promise<void> => {
    const works = await Promise.allSettled([auth.forgetExpiredSessions(), auth.finishDeletions()]);
    for (const work of works) if (work.status === 'rejected') throw work.reason;
  };
  const expiry = everyMs === false ? null : runEvery(everyMs, tidy, report);
  const finishing = everyMs === false ? auth.finishDeletions().catch(report) : null;
  const answerNoMore = auth.close.bind(auth);
  const close = async (): Promise<void> => {
    await answerNoMore();
    await expiry?.stop();
    await finishing;
    await release();
  };
  let closing: Promise<void> | undefined;
  return Object.assign(auth, { close: () => (closing ??= close()) });
}
