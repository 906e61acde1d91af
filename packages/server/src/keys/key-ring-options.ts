import { callHook } from '../call-hook.js';
import { checkedInteger } from '../checked-integer.js';
import type { SigningAlgorithm } from './key-ring.js';
import { isSigningAlgorithm } from './stored-key.js';

export interface KeyRingOptions {
  /**
   * Algorithm of new keys: `Ed25519`, `ES256` or `EdDSA`. `EdDSA` is the older name of Ed25519 (RFC 9864), for
   * services that do not know the newer one. Default: the algorithm of the ring's keys, or `Ed25519` in a new ring.
   * Present keys keep theirs, so a changed algorithm signs after the second rotation.
   */
  alg?: SigningAlgorithm;
  /**
   * The longest lifetime of an access token, in milliseconds; default 600 000. The ring uses the longest that any
   * process has asked for.
   */
  tokenTtlMs?: number;
  /**
   * How long a key is published before it signs, in milliseconds, at least `reloadMs`; default 600 000. Caches may
   * keep a JWKS for as long as this allows, and for six minutes at most.
   */
  publishMs?: number;
  /** How often the ring is read again, in milliseconds; default 60 000. As with `tokenTtlMs`, the longest counts. */
  reloadMs?: number;
  /**
   * How often keys rotate by themselves, in milliseconds, at least `publishMs`; default never. If several processes
   * run, one of them rotates.
   */
  rotateEveryMs?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
  /**
   * Called with each error between requests, for example if the ring cannot be read again; default `console.error`.
   * It is called once if the ring cannot be written (`KEY_RING_NOT_WRITTEN`), and once for each key with a time in
   * the future (`KEY_TIME_IN_FUTURE`).
   */
  onError?: (error: unknown) => void | Promise<void>;
}

/** How much longer a cache may use a JWKS while it fetches a new one. */
export const jwksGraceMs = 60_000;
const longestJwksAgeMs = 300_000;

/** The options, with their defaults. */
export interface KeyRingSettings {
  /** `undefined`: the algorithm of the ring's keys, or the default in a new ring. */
  alg: SigningAlgorithm | undefined;
  tokenTtlMs: number;
  publishMs: number;
  reloadMs: number;
  /**
   * How long a retired key is kept, in milliseconds. A process that has not read the rotation yet may still sign a
   * token with it, and the key has to outlive that token.
   */
  keepMs: number;
  jwksMaxAgeMs: number;
  /** Infinite if keys do not rotate by themselves. */
  rotateEveryMs: number;
  now: () => number;
  report: (error: unknown) => void;
}

/** @throws `TypeError` for options that cannot work. */
export function checkedKeyRingOptions(options: KeyRingOptions): KeyRingSettings {
  const { alg, rotateEveryMs, now = Date.now, onError = console.error } = options;
  if (alg !== undefined && !isSigningAlgorithm(alg)) {
    throw new TypeError('alg must be "Ed25519", "EdDSA" or "ES256"');
  }
  const reloadMs = checkedInteger('reloadMs', options.reloadMs ?? 60_000, 1);
  const publishMs = checkedInteger('publishMs', options.publishMs ?? 600_000, reloadMs);
  const tokenTtlMs = checkedInteger('tokenTtlMs', options.tokenTtlMs ?? 600_000, 1000);
  return {
    alg,
    tokenTtlMs,
    keepMs: tokenTtlMs + reloadMs,
    publishMs,
    reloadMs,
    jwksMaxAgeMs: Math.max(0, Math.min(longestJwksAgeMs, publishMs - reloadMs - jwksGraceMs)),
    rotateEveryMs:
      rotateEveryMs === undefined ? Infinity : checkedInteger('rotateEveryMs', rotateEveryMs, publishMs),
    now,
    report: (error) => callHook(onError, error, () => undefined),
  };
}
