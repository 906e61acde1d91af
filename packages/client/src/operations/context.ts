import {
  type AnswerOf,
  isZkpAuthError,
  type RequestOf,
  type Route,
  type RouteName,
  routes,
} from '@zkp-auth/core';
import type { Phase } from '../client-types.js';
import type { EvictionMarker } from '../eviction-marker.js';
import type { PinPolicy } from '../pin-policy.js';
import type { Confirmations } from '../sessions/confirmed-fetch.js';
import type { DpopSigner } from '../sessions/dpop-signer.js';
import type { Sessions } from '../sessions/sessions.js';
import type { Access } from '../sessions/tabs.js';
import type { KeyName, KeyStorage } from '../storage/key-storage.js';
import { type Endpoint, requestRoute } from '../transport.js';

/** How a server is spoken to. */
export interface Channel {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly credentials: 'same-origin' | 'include';
  readonly signer: DpopSigner;
}

/** What one call works with. */
export interface Context extends Channel {
  readonly storage: KeyStorage;
  readonly sessions: Sessions;
  readonly confirmations: Confirmations;
  /** Whether new PIN slots open with the server's help only. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  /** Go on with work after the call has answered. It is given a context without the call's signal and listeners. */
  readonly later: (work: (context: Context) => Promise<void>) => void;
}

/** With which session's key, and under which access token, a request is made. */
export interface Authority {
  keyPair: CryptoKeyPair;
  access: Access;
}

export function keyName(context: Pick<Context, 'endpoint'>, userId: string): KeyName {
  return { userId, audience: context.endpoint.audience };
}

/** What goes with a request beside its body. */
interface Sending extends Partial<Authority> {
  signal?: AbortSignal | undefined;
  /** Awaited right before each sending: what it throws is what comes of the call. */
  beforeSending?: () => Promise<void>;
}

/** What is said to a route, and under which session. */
export interface Message<Name extends RouteName> extends Partial<Authority> {
  request: RequestOf<Name>;
}

/**
 * Call a route of the server, reporting that it is being contacted.
 *
 * @param repeat sends the request as often as its caller wants; once by default. The answer is read after that.
 */
export async function contact<Name extends RouteName>(
  context: Context,
  route: Name,
  { request, repeat = (sending) => sending(), ...authority }: Message<Name> & { repeat?: Repeat },
): Promise<AnswerOf<Name>> {
  const { format, parse } = routeOf(route);
  const { signal } = context;
  const sending = { ...authority, signal, body: format(request) };
  return parse(
    await repeat(() => {
      context.report('contacting');
      return send(context, route, sending);
    }),
  );
}

type Repeat = (sending: () => Promise<unknown>) => Promise<unknown>;

/** Call a route of the server. */
export async function call<Name extends RouteName>(
  channel: Channel,
  route: Name,
  { request, ...sending }: Message<Name> & Sending,
): Promise<AnswerOf<Name>> {
  const { format, parse } = routeOf(route);
  return parse(await send(channel, route, { ...sending, body: format(request) }));
}

/** A route, with the types of its own messages. */
function routeOf<Name extends RouteName>(name: Name): Route<RequestOf<Name>, AnswerOf<Name>> {
  return (routes as { readonly [Each in RouteName]: Route<RequestOf<Each>, AnswerOf<Each>> })[name];
}

/** Send JSON to a route, signed if there is a session's key: a second time if the server asks for a newer nonce. */
async function send(
  { endpoint, timeoutMs, credentials, signer }: Channel,
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
      onHeaders: (received) => signer.observe(url, received),
    });
  };
  try {
    return await attempt();
  } catch (error) {
    if (keyPair === undefined || !isZkpAuthError(error) || error.code !== 'DPOP_NONCE_REQUIRED') throw error;
    return attempt();
  }
}
