import { isValidOrigin, parseProblem, ZkpAuthError } from '@zkp-auth/core';

/** Where the server is, and from where it is called. */
export interface Endpoint {
  /** Without a slash at its end. */
  baseUrl: string;
  /** The page's origin, as observed. */
  origin: string;
  /** The server's origin, as addressed. */
  audience: string;
}

/**
 * Find out both origins. Neither is ever taken from an answer of the server.
 *
 * @throws `TypeError` where the configuration cannot work.
 */
export function resolveEndpoint(baseUrl: string, configuredOrigin: string | undefined): Endpoint {
  const page = (globalThis as { location?: { origin: string; href: string } }).location;
  if (page !== undefined && configuredOrigin !== undefined && configuredOrigin !== page.origin) {
    throw new TypeError(`origin is ${page.origin} here and cannot be chosen`);
  }
  const origin = page?.origin ?? configuredOrigin;
  if (!isValidOrigin(origin)) {
    throw new TypeError(
      'origin must be that of an https page, or http on loopback; outside browsers, configure it',
    );
  }
  const url = URL.canParse(baseUrl, page?.href ?? origin) ? new URL(baseUrl, page?.href ?? origin) : null;
  if (url === null || !isValidOrigin(url.origin) || url.search !== '' || url.hash !== '') {
    throw new TypeError(
      'baseUrl must be a path, or an https URL (http on loopback) without query or fragment',
    );
  }
  return { baseUrl: url.origin + url.pathname.replace(/\/+$/, ''), origin, audience: url.origin };
}

export interface JsonRequest {
  /** Default `POST`. */
  method?: 'GET' | 'POST';
  body?: object;
  headers?: Record<string, string>;
  signal: AbortSignal | undefined;
  timeoutMs: number;
  /** Whether cookies go to another origin than the page's; default `same-origin`. */
  credentials?: 'same-origin' | 'include';
  /** Told of every answer's headers, a refusal's included. */
  onHeaders?: (headers: Headers) => void;
}

/**
 * Send JSON and give the JSON of a 2xx answer.
 *
 * @throws the code of a problem document; `NETWORK_ERROR` where no answer came, a redirect included;
 * `INVALID_RESPONSE` for anything else; the signal's reason after an abort.
 */
export async function requestJson(url: string, options: JsonRequest): Promise<unknown> {
  const { method = 'POST', body, headers, credentials = 'same-origin' } = options;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        Accept: 'application/json, application/problem+json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials,
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal,
    });
    text = await response.text();
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new ZkpAuthError('NETWORK_ERROR', undefined, { cause });
  }
  options.onHeaders?.(response.headers);
  const json = parseJson(text);
  if (response.ok) return json;
  const problem = parseProblem(json, response.status);
  if (problem === null) {
    throw new ZkpAuthError(
      'INVALID_RESPONSE',
      `The server answered with status ${response.status} and no problem document.`,
    );
  }
  const retryAfterMs = retryAfter(response.headers);
  throw new ZkpAuthError(problem.code, problem.detail, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
