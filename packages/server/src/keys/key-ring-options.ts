import { callHook } from '../call-hook.js';
import { checkedInteger } from '../checked-integer.js';
import type { SigningAlgorithm } from './key-ring.js';
import { isSigningAlgorithm } from './stored-key.js';

export interface KeyRingOptions {
  /**
   * What new keys sign with: `Ed25519`, `ES256`, or `EdDSA`, which is Ed25519 by its older name, for services that do
   * not know the newer one (RFC 9864). Default: as the keys that are there, `Ed25519` in a new ring. Keys that are
   * there stay as they are, so that the second rotation brings another algorithm.
   */
  alg?: SigningAlgorithm;
  /**
   * The longest that an access token may live, in milliseconds; default 600 000. The ring goes by the longest that any
   * process has asked for.
   */
  tokenTtlMs?: number;
  /**
   * How long a key is published before it signs, in milliseconds, at least `reloadMs`; default 600 000. Caches may keep
   * a JWKS for as long as that allows, and for six minutes at most.
   */
  publishMs?: number;
  /** How often the ring is read again, in milliseconds; default 60 000. As with `tokenTtlMs` the longest counts. */
  reloadMs?: number;
  /**
   * How often keys rotate by themselves, in milliseconds, at least `publishMs`; default: they do not. Of several
   * processes one does it.
   */
  rotateEveryMs?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
  /**
   * Told of what fails between requests, as when the ring cannot be read again; default `console.error`. It is told
   * once if the ring cannot be written (`KEY_RING_NOT_WRITTEN`), and once of each key whose time lies in the future
   * (`KEY_TIME_IN_FUTURE`).
   */
  onError?: (error: unknown) => void | Promise<void>;
}

/** How much longer a cache may use a JWKS while it fetches it again. */
export const jwksGraceMs = 60_000;
const longestJwksAgeMs = 300_000;

/** The options, with their defaults. */
export interface KeyRingSettings {
  /** `undefined`: as the keys that are there, else the default. */
  alg: SigningAlgorithm | undefined;
  tokenTtlMs: number;
  publishMs: number;
  reloadMs: number;
  /** How long a key has to be kept after it retired: its last token may be of a process that has not read that yet. */
  keepMs: number;
  jwksMaxAgeMs: number;
  /** Infinite where keys do not rotate by themselves. */
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
