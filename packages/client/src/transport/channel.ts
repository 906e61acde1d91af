import { type AnswerOf, type RequestOf, type Route, type RouteName, routes } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { Authority } from './access.js';
import type { DpopSigner } from './dpop-signer.js';
import type { Endpoint } from './endpoint.js';
import { requestRoute } from './request-route.js';

/** How a server is spoken to. */
export interface Channel {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly credentials: 'same-origin' | 'include';
  readonly signer: DpopSigner;
  /** What every request goes through. */
  readonly fetch: typeof fetch;
}

/** What is said to a route, and under which session. */
export interface Message<Name extends RouteName> extends Partial<Authority> {
  request: RequestOf<Name>;
}

/** Sends a request as often as it wants, and gives what came of that. */
export type Repeat = (sending: () => Promise<unknown>) => Promise<unknown>;

/** What goes with a request beside its body. */
interface Sending extends Partial<Authority> {
  signal?: AbortSignal | undefined;
  /** Awaited right before each sending: what it throws is what comes of the call. */
  beforeSending?: () => Promise<void>;
}

/**
 * Call a route of the server.
 *
 * @param repeat by default it sends the request once. The answer is read after that.
 */
export async function callRoute<Name extends RouteName>(
  channel: Channel,
  route: Name,
  { request, repeat = (sending) => sending(), ...sending }: Message<Name> & Sending & { repeat?: Repeat },
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

/** Send JSON to a route, signed if there is a session's key: a second time if the server asks for a newer nonce. */
async function send(
  { endpoint, timeoutMs, credentials, signer, fetch }: Channel,
  name: RouteName,
  { keyPair, access, body, signal, beforeSending }: Sending & { body: object | undefined },
): Promise<unknown> {
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
