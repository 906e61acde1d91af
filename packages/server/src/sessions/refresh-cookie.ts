import { parseCookie, stringifySetCookie } from 'cookie';
import type { HeaderList } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';

/**
 * `__Host-` keeps other hosts of the domain from setting the cookie, and `Http` keeps scripts of the page from it, in
 * browsers that know that prefix. The others take the name for one that begins with `__Host-`.
 */
const secureName = '__Host-Http-zkp-refresh';

/** What the cookie was called before. Servers of this release do not set it. */
const formerName = '__Host-zkp-refresh';

/**
 * When the former name ends. A browser keeps such a cookie for `idleTtlMs` at most after its server was upgraded, so
 * that this only ends what somebody else put there.
 */
const formerNameEndsAtMs = Date.UTC(2027, 5, 30);

/** Where a refresh token is kept: in the cookie of the API at `audience`, as of `nowMs`. */
interface CookiePlace {
  audience: string;
  nowMs: number;
}

/** The refresh token in the cookie of this request, if it has one. */
export function readRefreshCookie(facts: RequestFacts, { audience, nowMs }: CookiePlace): string | undefined {
  const cookies = cookiesOf(facts);
  const token = cookies[cookieName(audience)];
  const isFormerRead = isSecure(audience) && nowMs < formerNameEndsAtMs;
  return token === undefined && isFormerRead ? cookies[formerName] : token;
}

/** Have the browser keep a refresh token for the API at `audience`, where no script reads it. */
export function refreshCookie(
  facts: RequestFacts,
  audience: string,
  cookie: { value: string; maxAgeMs: number },
): HeaderList {
  const own = setCookie(audience, { ...cookie, name: cookieName(audience) });
  const isFormerThere = isSecure(audience) && cookiesOf(facts)[formerName] !== undefined;
  return isFormerThere ? [own, clearCookie(audience, formerName)] : [own];
}

/** Have the browser forget it, under either name. */
export function clearedRefreshCookie(audience: string): HeaderList {
  const own = clearCookie(audience, cookieName(audience));
  return isSecure(audience) ? [own, clearCookie(audience, formerName)] : [own];
}

function clearCookie(audience: string, name: string): HeaderList[number] {
  return setCookie(audience, { name, value: '', maxAgeMs: 0 });
}

function setCookie(
  audience: string,
  { name, value, maxAgeMs }: { name: string; value: string; maxAgeMs: number },
): HeaderList[number] {
  const text = stringifySetCookie({
    name,
    value,
    maxAge: Math.ceil(maxAgeMs / 1000),
    httpOnly: true,
    secure: isSecure(audience),
    sameSite: 'strict',
    path: '/',
  });
  return ['Set-Cookie', text];
}

function cookiesOf({ cookie }: RequestFacts): Record<string, string | undefined> {
  return cookie === undefined ? {} : parseCookie(cookie);
}

/**
 * The prefixes need https. Without that it is on loopback, where cookies ignore ports: the name has the port, so that
 * two applications do not take each other's.
 */
function cookieName(audience: string): string {
  if (isSecure(audience)) return secureName;
  return `zkp-refresh-${new URL(audience).port || '80'}`;
}

function isSecure(audience: string): boolean {
  return audience.startsWith('https:');
}
