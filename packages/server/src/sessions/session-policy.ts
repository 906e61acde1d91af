import { checkedInteger } from '../checked-integer.js';

export interface SessionOptions {
  /**
   * How refresh tokens travel: in a cookie that no script reads (`cookie`, the default), or in bodies (`bearer`), for
   * clients that are no browsers.
   */
  carriage?: 'cookie' | 'bearer';
  /** How long a session lasts that is not used, in milliseconds; default 7 days. */
  idleTtlMs?: number;
  /** How long it lasts however it is used, in milliseconds; default 30 days. */
  absoluteTtlMs?: number;
  /**
   * For how long the holder of a session's key is given the current refresh token again for one that has been spent, as
   * after a lost answer, in milliseconds; default 300 000. Later it is taken for theft.
   */
  graceMs?: number;
  /** Whether a client may sign in without a key to bind its session to: `refuse` (the default) or `allow`. */
  unbound?: 'refuse' | 'allow';
  /**
   * What carries a proof by the session's key (DPoP): each `refresh` (the default), or all `requests`, whose access
   * tokens are then worth nothing without it.
   */
  dpop?: 'refresh' | 'requests';
}

export type SessionPolicy = Readonly<Required<SessionOptions>>;

const dayMs = 86_400_000;

/** @throws `TypeError` for options that cannot work. */
export function sessionPolicyOf(options: SessionOptions = {}): SessionPolicy {
  const policy: SessionPolicy = {
    carriage: options.carriage ?? 'cookie',
    idleTtlMs: checkedInteger('sessions.idleTtlMs', options.idleTtlMs ?? 7 * dayMs, 1000),
    absoluteTtlMs: checkedInteger('sessions.absoluteTtlMs', options.absoluteTtlMs ?? 30 * dayMs, 1000),
    graceMs: checkedInteger('sessions.graceMs', options.graceMs ?? 300_000, 0),
    unbound: options.unbound ?? 'refuse',
    dpop: options.dpop ?? 'refresh',
  };
  requireOneOf('carriage', policy.carriage, ['cookie', 'bearer']);
  requireOneOf('unbound', policy.unbound, ['refuse', 'allow']);
  requireOneOf('dpop', policy.dpop, ['refresh', 'requests']);
  return policy;
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new TypeError(`sessions.${name} must be one of ${allowed.join(', ')}`);
}
