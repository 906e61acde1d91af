import type { SessionResponse } from '@zkp-auth/core';
import type { Endpoint } from '../transport/endpoint.js';

/**
 * The fault of a page whose browser has just dropped the cookie of a new session. A browser does that with every cookie
 * of another origin if the request had no credentials. Without the cookie the session lasts until the page is loaded
 * again.
 *
 * @returns `null` if the browser may have kept the cookie. Nobody can tell before the next refresh.
 */
export function lostCookie(
  { endpoint, credentials }: { endpoint: Endpoint; credentials: 'same-origin' | 'include' },
  { refreshToken }: SessionResponse,
): TypeError | null {
  const isPage = (globalThis as { location?: unknown }).location !== undefined;
  const isKept = credentials === 'include' || endpoint.origin === endpoint.audience;
  if (!isPage || isKept || refreshToken !== undefined) return null;
  return new TypeError(`credentials: pass 'include' to keep the session cookie of ${endpoint.audience}`);
}
