import { checkedInteger } from '../checked-integer.js';
import { maxListed } from '../stores/last-used-first.js';

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
   * How many live sessions a user may have, from 1 to 100; default 50. A sign-in that would be one too many ends the
   * session that was used least recently. `false` sets no limit: lists still have the hundred that were used last, and only
   * these are certain to go on when the sessions of another credential end.
   */
  maxPerUser?: number | false;
  /**
   * For how long a refresh token that has been spent gives the holder of the session's key the same answer again, as two
   * tabs need that refresh at once, in milliseconds; default 60 000, and never more than half of `accessTokenTtlMs`.
   * Later it gives a token of its own, and whoever presents the one before ends the session.
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

/** The most that `maxPerUser` may be: as many as are listed. */
const mostPerUser = maxListed;

/**
 * @param accessTokenTtlMs about how often a browser in use refreshes. Two copies of a session are never further apart
 * than half of it, so a longer grace would hide one from the other.
 * @throws `TypeError` for options that cannot work.
 */
export function sessionPolicyOf(accessTokenTtlMs: number, options: SessionOptions = {}): SessionPolicy {
  const policy: SessionPolicy = {
    carriage: options.carriage ?? 'cookie',
    idleTtlMs: checkedInteger('sessions.idleTtlMs', options.idleTtlMs ?? 7 * dayMs, 1000),
    absoluteTtlMs: checkedInteger('sessions.absoluteTtlMs', options.absoluteTtlMs ?? 30 * dayMs, 1000),
    maxPerUser: checkedMaxPerUser(options.maxPerUser ?? 50),
    graceMs: Math.min(
      checkedInteger('sessions.graceMs', options.graceMs ?? 60_000, 0),
      Math.floor(accessTokenTtlMs / 2),
    ),
    unbound: options.unbound ?? 'refuse',
    dpop: options.dpop ?? 'refresh',
  };
  requireOneOf('carriage', policy.carriage, ['cookie', 'bearer']);
  requireOneOf('unbound', policy.unbound, ['refuse', 'allow']);
  requireOneOf('dpop', policy.dpop, ['refresh', 'requests']);
  return policy;
}

function checkedMaxPerUser(value: number | false): number | false {
  if (value === false) return value;
  if (Number.isSafeInteger(value) && value >= 1 && value <= mostPerUser) return value;
  throw new TypeError(
    `sessions.maxPerUser must be an integer from 1 to ${mostPerUser}, or false to set no limit to the sessions of a user`,
  );
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new TypeError(`sessions.${name} must be one of ${allowed.join(', ')}`);
}
