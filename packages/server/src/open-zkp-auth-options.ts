import { checkedInteger } from './checked-integer.js';
import { createZkpAuth } from './create-zkp-auth.js';
import type { DurableStores } from './durable-stores.js';
import { InMemoryKeyRingStore } from './keys/in-memory-key-ring-store.js';
import { openKeyRing, type OpenKeyRingOptions } from './keys/open-key-ring.js';
import type { RedisConnection } from './redis-connection.js';
import { InMemoryChallengeStore } from './stores/in-memory-challenge-store.js';
import { InMemoryCredentialStore } from './stores/in-memory-credential-store.js';
import { InMemorySessionStore } from './stores/in-memory-session-store.js';
import type { ZkpAuthOptions } from './zkp-auth-options.js';

/** The options of `createZkpAuth`, without the parts that `openZkpAuth` makes by itself. */
interface Settings extends Omit<ZkpAuthOptions, 'stores' | 'keys' | 'pinAssistance'> {
  /**
   * A connection of ioredis, for several processes. It keeps challenges, and counts limits. Default the memory of
   * this process, which must then be the only one that answers requests.
   */
  redis?: RedisConnection;
  /** Prefix of every key in Redis. Default `zkp-auth:`. */
  redisPrefix?: string;
  /**
   * Master key of sealed keys, 32 random bytes in base64url. It may be several such keys with commas between them.
   * The first one seals, and all open. Default `ZKP_AUTH_MASTER_KEY` of the environment.
   */
  masterKey?: string;
  /**
   * How the key ring is kept. `rotateEveryMs` is 30 days by default, and `false` turns it off. `tokenTtlMs` is by
   * default the lifetime of access tokens.
   */
  keyRing?: KeyRingSettingsOption;
  /** How often expired sessions are deleted, in milliseconds. Default 3 600 000. `false` leaves it to you. */
  forgetExpiredEveryMs?: number | false;
}

type KeyRingSettingsOption = Omit<
  OpenKeyRingOptions,
  'store' | 'encrypt' | 'env' | 'now' | 'onError' | 'rotateEveryMs'
> & { rotateEveryMs?: number | false };

/** Either a folder, or stores. */
export type OpenZkpAuthOptions = Settings &
  (
    | {
        /** Path of the folder with everything that must last. The first start makes it with mode 0700. */
        folder: string;
        stores?: undefined;
      }
    | {
        /** From `openPostgresStores`, `openSqliteStores` or `openSqlStores` of `@zkp-auth/server/sql`. */
        stores: DurableStores;
        folder?: undefined;
      }
  );

const hourMs = 3_600_000;
const monthMs = 30 * 24 * hourMs;
/** The longest delay of a timer. */
const longestTimerMs = 2_147_483_647;
const madeHere = ['keys', 'pinAssistance'] as const;
const members = ['credentials', 'sessions', 'pins', 'keyRing', 'pinSecrets'] as const;

/**
 * Find options that cannot work before anything is made or opened.
 *
 * @throws `TypeError` for options that cannot work.
 */
export async function refuseBadOptions(options: OpenZkpAuthOptions): Promise<void> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      'openZkpAuth: pass options, such as { origins: ["https://app.example"], folder: "./data" }',
    );
  }
  refuseMadeHere(options);
  refuseFolder(options);
  if (options.stores !== undefined) refuseStores(options.stores);
  if (options.masterKey !== undefined && typeof options.masterKey !== 'string') {
    throw new TypeError(
      'masterKey: pass 32 random bytes in base64url, or leave it out and set ZKP_AUTH_MASTER_KEY',
    );
  }
  forgetExpiredEveryMsOf(options);
  await refuseWhatOthersRefuse(options);
}

/** `false` if it is turned off. */
export function forgetExpiredEveryMsOf({
  forgetExpiredEveryMs = hourMs,
}: OpenZkpAuthOptions): number | false {
  if (forgetExpiredEveryMs === false) return false;
  if (forgetExpiredEveryMs > longestTimerMs) {
    throw new TypeError(`forgetExpiredEveryMs must be at most ${longestTimerMs} (24 days)`);
  }
  return checkedInteger('forgetExpiredEveryMs', forgetExpiredEveryMs, 1000);
}

function refuseMadeHere(options: OpenZkpAuthOptions): void {
  const stray = madeHere.find((name) => Object.hasOwn(options, name));
  if (stray === undefined) return;
  throw new TypeError(`${stray}: openZkpAuth makes it by itself. Use createZkpAuth to hand in your own`);
}

function refuseFolder({ folder, stores }: OpenZkpAuthOptions): void {
  if (folder === undefined && stores === undefined) {
    throw new TypeError(
      'openZkpAuth: pass a folder, such as "./data", or stores, such as "await openPostgresStores(pool)"',
    );
  }
  if (folder === undefined) return;
  if (stores !== undefined) throw new TypeError('openZkpAuth: pass either a folder or stores, not both');
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError('folder: pass the path of a folder, such as "./data"');
  }
}

function refuseStores(stores: DurableStores): void {
  // A promise of stores has no store.
  const missing = members.find((name) => typeof stores?.[name] !== 'object' || stores[name] === null);
  if (missing !== undefined) {
    throw new TypeError(
      `stores.${missing} is missing: pass "await openPostgresStores(pool)" of @zkp-auth/server/sql, or use createZkpAuth to hand in each store`,
    );
  }
  if (typeof stores.encrypt !== 'boolean') throw new TypeError('stores.encrypt must be true or false');
}

/** The options of a ring in the stores or in memory. */
export function keyRingOptionsOf({
  keyRing = {},
  accessTokenTtlMs,
  now,
  onError,
}: OpenZkpAuthOptions): Omit<OpenKeyRingOptions, 'store' | 'encrypt'> {
  const { rotateEveryMs = monthMs, ...settings } = keyRing;
  return {
    ...(accessTokenTtlMs === undefined ? {} : { tokenTtlMs: accessTokenTtlMs }),
    ...settings,
    ...(rotateEveryMs === false ? {} : { rotateEveryMs }),
    ...(now === undefined ? {} : { now }),
    ...(onError === undefined ? {} : { onError }),
  };
}

/**
 * The other options belong to `createZkpAuth` and `openKeyRing`, whose errors name the option and a valid value.
 */
async function refuseWhatOthersRefuse(options: OpenZkpAuthOptions): Promise<void> {
  const store = new InMemoryKeyRingStore();
  const keys = await openKeyRing({ ...keyRingOptionsOf(options), store, encrypt: false });
  try {
    const stores = {
      challenges: new InMemoryChallengeStore(),
      credentials: new InMemoryCredentialStore(),
      sessions: new InMemorySessionStore(),
    };
    createZkpAuth({ ...options, stores, keys, pinAssistance: false });
  } finally {
    keys.close();
  }
}
