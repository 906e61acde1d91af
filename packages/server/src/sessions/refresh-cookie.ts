import { parseCookie, stringifySetCookie } from 'cookie';
import type { HeaderList } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';

/**
 * `__Host-` keeps other hosts of the domain from setting the cookie. In browsers that know it, `Http` keeps scripts
 * of the page from setting it. Other browsers read the name as one that begins with `__Host-`.
 */
const secureName = '__Host-Http-zkp-refresh';

/** The earlier name of the cookie. Servers of this release do not set it. */
const formerName = '__Host-zkp-refresh';

/**
 * After this time the former name is not read. A browser keeps such a cookie for at most `idleTtlMs` after its
 * server was upgraded, so a later one was put there by somebody else.
 */
const formerNameEndsAtMs = Date.UTC(2027, 5, 30);

/** The cookie of the API at `audience`, as of `nowMs`. */
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

/** Let the browser keep a refresh token for the API at `audience`, out of reach of scripts. */
export function refreshCookie(
  facts: RequestFacts,
  audience: string,
  cookie: { value: string; maxAgeMs: number },
): HeaderList {
  const own = setCookie(audience, { ...cookie, name: cookieName(audience) });
  const isFormerThere = isSecure(audience) && cookiesOf(facts)[formerName] !== undefined;
  return isFormerThere ? [own, clearCookie(audience, formerName)] : [own];
}

/** Let the browser forget it, under either name. */
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
 * The prefixes need https. A server without https is on loopback, where cookies ignore ports. There the name has
 * the port, so that two applications do not read each other's cookie.
 */
function cookieName(audience: string): string {
  if (isSecure(audience)) return secureName;
  return `zkp-refresh-${new URL(audience).port || '80'}`;
}

function isSecure(audience: string): boolean {
  return audience.startsWith('https:');
}
