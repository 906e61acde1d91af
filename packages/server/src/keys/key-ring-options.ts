import { callHook } from '../call-hook.js';
import { checkedInteger } from '../checked-integer.js';
import type { SigningAlgorithm } from './key-ring.js';
import { isSigningAlgorithm } from './stored-key.js';

export interface KeyRingOptions {
  /** What new keys sign with: `EdDSA` (Ed25519), the default, or `ES256`. Keys that are there stay as they are. */
  alg?: SigningAlgorithm;
  /** The longest that an access token may live, in milliseconds; default 600 000. The same in all processes. */
  tokenTtlMs?: number;
  /**
   * How long a key is published before it signs, in milliseconds, at least `reloadMs`; default 600 000: what caches
   * may keep a JWKS for, and then some.
   */
  publishMs?: number;
  /** How often the ring is read again, in milliseconds; default 60 000. The same in all processes. */
  reloadMs?: number;
  /**
   * How often keys rotate by themselves, in milliseconds, at least `publishMs`; default: they do not. Of several
   * processes one does it.
   */
  rotateEveryMs?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
  /** Told of what fails between requests, as where the ring cannot be read again; default `console.error`. */
  onError?: (error: unknown) => void | Promise<void>;
}

/** The options, with their defaults. */
export interface KeyRingSettings {
  alg: SigningAlgorithm;
  tokenTtlMs: number;
  publishMs: number;
  reloadMs: number;
  /** Infinite where keys do not rotate by themselves. */
  rotateEveryMs: number;
  now: () => number;
  report: (error: unknown) => void;
}

/** @throws `TypeError` for options that cannot work. */
export function checkedKeyRingOptions(options: KeyRingOptions): KeyRingSettings {
  const { alg = 'EdDSA', rotateEveryMs, now = Date.now, onError = console.error } = options;
  if (!isSigningAlgorithm(alg)) throw new TypeError('alg must be "EdDSA" or "ES256"');
  const reloadMs = checkedInteger('reloadMs', options.reloadMs ?? 60_000, 1);
  const publishMs = checkedInteger('publishMs', options.publishMs ?? 600_000, reloadMs);
  return {
    alg,
    tokenTtlMs: checkedInteger('tokenTtlMs', options.tokenTtlMs ?? 600_000, 1000),
    publishMs,
    reloadMs,
    rotateEveryMs:
      rotateEveryMs === undefined ? Infinity : checkedInteger('rotateEveryMs', rotateEveryMs, publishMs),
    now,
    report: (error) => callHook(onError, error, () => undefined),
  };
}
