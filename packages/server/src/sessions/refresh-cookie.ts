import { parseCookie, stringifySetCookie } from 'cookie';
import type { RequestFacts } from '../engine.js';

/** The refresh token in the cookie of this request, if it has one. */
export function readRefreshCookie(facts: RequestFacts, audience: string): string | undefined {
  return facts.cookie === undefined ? undefined : parseCookie(facts.cookie)[cookieName(audience)];
}

/** Have the browser keep a refresh token for the API at `audience`, where no script reads it. */
export function setRefreshCookie(
  facts: RequestFacts,
  audience: string,
  cookie: { value: string; maxAgeMs: number },
): void {
  const text = stringifySetCookie({
    name: cookieName(audience),
    value: cookie.value,
    maxAge: Math.ceil(cookie.maxAgeMs / 1000),
    httpOnly: true,
    secure: isSecure(audience),
    sameSite: 'strict',
    path: '/',
  });
  facts.setHeader?.('Set-Cookie', text);
}

/** Have the browser forget it. */
export function clearRefreshCookie(facts: RequestFacts, audience: string): void {
  setRefreshCookie(facts, audience, { value: '', maxAgeMs: 0 });
}

/**
 * `__Host-` keeps other hosts of the domain from setting it, and needs https. Without that it is on loopback, where
 * cookies ignore ports: the name has the port, so that two applications do not take each other's.
 */
function cookieName(audience: string): string {
  if (isSecure(audience)) return '__Host-zkp-refresh';
  return `zkp-refresh-${new URL(audience).port || '80'}`;
}

function isSecure(audience: string): boolean {
  return audience.startsWith('https:');
}
