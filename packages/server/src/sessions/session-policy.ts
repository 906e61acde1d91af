import { checkedInteger } from '../checked-integer.js';
import { maxListed } from '../stores/last-used-first.js';

export interface SessionOptions {
  /**
   * How refresh tokens travel. `cookie` (the default) is a cookie that no script reads. `bearer` is bodies, for
   * clients that are not browsers.
   */
  carriage?: 'cookie' | 'bearer';
  /** How long an unused session lasts, in milliseconds. Default 7 days. */
  idleTtlMs?: number;
  /** How long a session lasts at most, in milliseconds. Default 30 days. */
  absoluteTtlMs?: number;
  /**
   * The most live sessions of a user, from 1 to 100. Default 50. A sign-in that exceeds it ends the session that
   * was used least recently. `false` sets no limit. Then lists still have only the hundred sessions that were used
   * last, and only these are certain to stay when the sessions of another credential end.
   */
  maxPerUser?: number | false;
  /**
   * How long a spent refresh token gives the holder of the session's key the same answer again, in milliseconds.
   * Two tabs that refresh at once need that. Default 60 000, and never more than half of `accessTokenTtlMs`. Later
   * it gives a new token, and skips the current one. Then a client that presents the skipped token ends the
   * session.
   */
  graceMs?: number;
  /** Whether a client may sign in without a key to bind its session to. `refuse` (the default) or `allow`. */
  unbound?: 'refuse' | 'allow';
  /**
   * The requests that carry a proof by the session's key (DPoP). `refresh` (the default) is each refresh. With
   * `requests` all requests carry one, and access tokens are not valid without it.
   */
  dpop?: 'refresh' | 'requests';
}

export type SessionPolicy = Readonly<Required<SessionOptions>>;

const dayMs = 86_400_000;

/** The highest `maxPerUser`, as many as are listed. */
const mostPerUser = maxListed;

/**
 * @param accessTokenTtlMs about the time between two refreshes of a browser in use. Two copies of a session are
 * never further apart than half of it, so a longer grace would hide one from the other.
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
