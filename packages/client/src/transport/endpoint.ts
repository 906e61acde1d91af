import { isValidOrigin } from '@zkp-auth/core';

/** The address of the server, and the origin of the caller. */
export interface Endpoint {
  /** The address, without a slash at its end. */
  baseUrl: string;
  /** The page's origin, as observed. */
  origin: string;
  /** The server's origin, as addressed. */
  audience: string;
}

/** The base of relative addresses, as for `fetch`. A `<base>` of the page counts. */
export function baseAddress(): string | undefined {
  const { document, location } = globalThis as {
    document?: { baseURI?: unknown };
    location?: { href: string };
  };
  // In HTML, an element with this name can shadow the document's own property.
  return typeof document?.baseURI === 'string' ? document.baseURI : location?.href;
}

/**
 * Find out both origins. Neither is ever taken from an answer of the server.
 *
 * @throws `TypeError` if the configuration cannot work.
 */
export function resolveEndpoint(baseUrl: string, configuredOrigin: string | undefined): Endpoint {
  const page = (globalThis as { location?: { origin: string } }).location;
  if (page !== undefined && configuredOrigin !== undefined && configuredOrigin !== page.origin) {
    throw new TypeError(`origin is ${page.origin} here and cannot be chosen`);
  }
  const origin = page?.origin ?? configuredOrigin;
  if (!isValidOrigin(origin)) {
    throw new TypeError(
      'origin must be that of an https page, or http on loopback; outside browsers, configure it',
    );
  }
  const base = baseAddress() ?? origin;
  const url = URL.canParse(baseUrl, base) ? new URL(baseUrl, base) : null;
  if (url === null || !isValidOrigin(url.origin) || url.search !== '' || url.hash !== '') {
    throw new TypeError(
      'baseUrl must be a path, or an https URL (http on loopback) without query or fragment',
    );
  }
  return { baseUrl: url.origin + url.pathname.replace(/\/+$/, ''), origin, audience: url.origin };
}
