import {
  confirmationHeader,
  newRequestId,
  parseProblem,
  requestIdHeader,
  type Route,
  type RouteShape,
  ZkpAuthError,
} from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { Authority, DpopSigner } from './dpop-signer.js';
import type { Endpoint } from './endpoint.js';

/** The way to a server. */
export interface Channel {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly credentials: 'same-origin' | 'include';
  readonly signer: DpopSigner;
  /** The function that sends every request. */
  readonly fetch: typeof fetch;
}

/** A request to a route, and the session in which it is sent. */
export interface Message<Request> extends Partial<Authority> {
  request: Request;
}

/** Sends a request as often as it decides, and gives the outcome. */
export type Repeat = (sending: () => Promise<unknown>) => Promise<unknown>;

/** The parts of a request beside its body. */
interface Sending extends Partial<Authority> {
  /** The value of the header of a confirmation. */
  confirmation?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called when each sending begins, before the request is signed. */
  onSending?: () => void;
  /** Runs right before each sending. If it throws, the call rejects with that error. */
  beforeSending?: () => Promise<void>;
}

/**
 * Call a route of the server. The caller brings the route, so that a page downloads only the routes that it calls.
 *
 * @param repeat sends the request; default once. The answer is parsed afterwards.
 */
export async function callRoute<Request, Answer>(
  channel: Channel,
  route: Route<Request, Answer>,
  {
    request,
    repeat = (sending) => sending(),
    ...sending
  }: NoInfer<Message<Request>> & Sending & { repeat?: Repeat | undefined },
): Promise<Answer> {
  const body = route.format(request);
  return route.parse(await repeat(() => send(channel, route, { ...sending, body })));
}

/**
 * Send JSON to a route, signed if there is a session key. If the server asks for a newer nonce, send it a second time.
 */
async function send(
  { endpoint, timeoutMs, credentials, signer, fetch }: Channel,
  route: RouteShape,
  {
    keyPair,
    access,
    confirmation,
    body,
    signal,
    onSending,
    beforeSending,
  }: Sending & { body: object | undefined },
): Promise<unknown> {
  onSending?.();
  const url = endpoint.baseUrl + route.path;
  const attempt = async (): Promise<unknown> => {
    const headers = {
      ...(access && { Authorization: `${access.tokenType} ${access.token}` }),
      ...(keyPair && { DPoP: await signer.sign({ method: route.method, url }, keyPair, access) }),
      ...(confirmation && { [confirmationHeader]: confirmation }),
    };
    await beforeSending?.();
    return requestRoute(endpoint.baseUrl, route, {
      body,
      headers,
      signal,
      timeoutMs,
      credentials,
      fetch,
      onHeaders: (received) => signer.observe(url, received),
    });
  };
  try {
    return await attempt();
  } catch (error) {
    if (keyPair === undefined || !hasCode(error, 'DPOP_NONCE_REQUIRED')) throw error;
    return attempt();
  }
}

export interface RouteRequest {
  body?: object | undefined;
  headers?: Record<string, string>;
  signal: AbortSignal | undefined;
  timeoutMs: number;
  /** Whether cookies go to an origin other than the page's; default `same-origin`. */
  credentials?: 'same-origin' | 'include';
  /** The function that sends the request; default the global `fetch`. */
  fetch?: typeof fetch;
  /** Called with the headers of every answer of the server, refusals included. */
  onHeaders?: (headers: Headers) => void;
}

/**
 * Send a request to a route and give the JSON of its answer, or `undefined` for a route whose answer has no body.
 *
 * Only the server's own answer counts. It repeats the id of this request, and its status is the one that the route
 * promises. Service workers, proxies and caches answer as well.
 *
 * @throws the code of a problem document; `NETWORK_ERROR` if no answer came, a redirect included; `INVALID_RESPONSE`
 * for any other answer; the signal's reason after an abort.
 */
export async function requestRoute(
  baseUrl: string,
  route: RouteShape,
  options: RouteRequest,
): Promise<unknown> {
  const { body, headers, credentials = 'same-origin', fetch = globalThis.fetch } = options;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const requestId = newRequestId();
  let response: Response;
  let text: string;
  try {
    response = await fetch(baseUrl + route.path, {
      method: route.method,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        Accept: 'application/json, application/problem+json',
        [requestIdHeader]: requestId,
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
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
  if (response.headers.get(requestIdHeader) !== requestId) {
    throw new ZkpAuthError(
      'INVALID_RESPONSE',
      `The answer with status ${response.status} of ${baseUrl}${route.path} does not repeat ${requestIdHeader}: check baseUrl, middlewares, proxies, caches, service workers, and that CORS exposes it.`,
      retryAfter(response.headers),
    );
  }
  options.onHeaders?.(response.headers);
  if (response.status === route.status) return contentOf(text, route);
  throw refusalOf(response, text);
}

/** @throws `INVALID_RESPONSE` for an answer that was cut short. */
function contentOf(text: string, { status }: RouteShape): unknown {
  const json = parseJson(text);
  if (status === 204 ? text === '' : json !== undefined) return json;
  throw new ZkpAuthError('INVALID_RESPONSE', 'The body is not what the route promises.');
}

function refusalOf({ status, headers }: Response, text: string): ZkpAuthError {
  const problem = parseProblem(parseJson(text), status);
  if (problem === null) {
    return new ZkpAuthError(
      'INVALID_RESPONSE',
      `The server answered with status ${status} and no problem document.`,
      retryAfter(headers),
    );
  }
  const { code, detail, cookie, ended } = problem;
  return new ZkpAuthError(code, detail, { ...retryAfter(headers), cookie, ended });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The wait that an answer asks for, if any. */
export function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const seconds = headers.get('Retry-After') ?? '';
  return /^\d{1,9}$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1000 } : {};
}
