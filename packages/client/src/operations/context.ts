import { isZkpAuthError, type RouteName, routes } from '@zkp-auth/core';
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

/** Call a route of the server, reporting that it is being contacted. */
export function contact(
  context: Context,
  route: RouteName,
  body: object,
  authority: Partial<Authority> = {},
): Promise<unknown> {
  const { signal } = context;
  context.report('contacting');
  return call(context, route, { body, signal, ...authority });
}

export interface RouteCall extends Partial<Authority> {
  body?: object;
  signal?: AbortSignal | undefined;
  /** Awaited right before each sending: what it throws is what comes of the call. */
  beforeSending?: () => Promise<void>;
}

/** Call a route, signed where there is a session's key: a second time where the server asks for a newer nonce. */
export async function call(
  { endpoint, timeoutMs, credentials, signer }: Channel,
  name: RouteName,
  { keyPair, access, body, signal, beforeSending }: RouteCall,
): Promise<unknown> {
  const route = routes[name];
  const url = endpoint.baseUrl + route.path;
  const send = async (): Promise<unknown> => {
    const headers = {
      ...(access === undefined ? {} : { Authorization: `${access.tokenType} ${access.token}` }),
      ...(keyPair === undefined
        ? {}
        : { DPoP: await signer.sign({ method: route.method, url }, keyPair, access) }),
    };
    await beforeSending?.();
    return requestRoute(endpoint.baseUrl, route, {
      ...(body === undefined ? {} : { body }),
      headers,
      signal,
      timeoutMs,
      credentials,
      onHeaders: (received) => signer.observe(url, received),
    });
  };
  try {
    return await send();
  } catch (error) {
    if (keyPair === undefined || !isZkpAuthError(error) || error.code !== 'DPOP_NONCE_REQUIRED') throw error;
    return send();
  }
}
