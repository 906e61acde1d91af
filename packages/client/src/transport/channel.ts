import { type AnswerOf, type RequestOf, type Route, type RouteName, routes } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { Authority } from './access.js';
import type { DpopSigner } from './dpop-signer.js';
import type { Endpoint } from './endpoint.js';
import { requestRoute } from './request-route.js';

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
export interface Message<Name extends RouteName> extends Partial<Authority> {
  request: RequestOf<Name>;
}

/** Sends a request as often as it decides, and gives the outcome. */
export type Repeat = (sending: () => Promise<unknown>) => Promise<unknown>;

/** The parts of a request beside its body. */
interface Sending extends Partial<Authority> {
  signal?: AbortSignal | undefined;
  /** Called when each sending begins, before the request is signed. */
  onSending?: () => void;
  /** Runs right before each sending. If it throws, the call rejects with that error. */
  beforeSending?: () => Promise<void>;
}

/**
 * Call a route of the server.
 *
 * @param repeat sends the request; default once. The answer is parsed afterwards.
 */
export async function callRoute<Name extends RouteName>(
  channel: Channel,
  route: Name,
  {
    request,
    repeat = (sending) => sending(),
    ...sending
  }: Message<Name> & Sending & { repeat?: Repeat | undefined },
): Promise<AnswerOf<Name>> {
  const { format, parse } = routeOf(route);
  const body = format(request);
  return parse(await repeat(() => send(channel, route, { ...sending, body })));
}

/** A route, with the types of its own messages. */
function routeOf<Name extends RouteName>(name: Name): Route<RequestOf<Name>, AnswerOf<Name>> {
  const table: { readonly [Each in RouteName]: Route<RequestOf<Each>, AnswerOf<Each>> } = routes;
  return table[name];
}

/**
 * Send JSON to a route, signed if there is a session key. If the server asks for a newer nonce, send it a second time.
 */
async function send(
  { endpoint, timeoutMs, credentials, signer, fetch }: Channel,
  name: RouteName,
  { keyPair, access, body, signal, onSending, beforeSending }: Sending & { body: object | undefined },
): Promise<unknown> {
  onSending?.();
  const route = routes[name];
  const url = endpoint.baseUrl + route.path;
  const attempt = async (): Promise<unknown> => {
    const headers = {
      ...(access && { Authorization: `${access.tokenType} ${access.token}` }),
      ...(keyPair && { DPoP: await signer.sign({ method: route.method, url }, keyPair, access) }),
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
