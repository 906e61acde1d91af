import type { Phase } from '../client-types.js';
import type { EvictionMarker } from '../eviction-marker.js';
import type { PinPolicy } from '../pin-policy.js';
import type { KeyName, KeyStorage } from '../storage/key-storage.js';
import { type Endpoint, postJson } from '../transport.js';

/** What one call works with. */
export interface Context {
  readonly storage: KeyStorage;
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  /** Whether new PIN slots open with the server's help only. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  /** Go on with work after the call has answered. It is given a context without the call's signal and listeners. */
  readonly later: (work: (context: Context) => Promise<void>) => void;
}

export type Route = 'challenge' | 'register' | 'verify' | 'pin' | 'rotate-key';

export function keyName(context: Context, userId: string): KeyName {
  return { userId, audience: context.endpoint.audience };
}

/** POST to a route of the server, reporting that it is being contacted. */
export function contact(context: Context, route: Route, body: object): Promise<unknown> {
  const { endpoint, signal, timeoutMs } = context;
  context.report('contacting');
  return postJson(`${endpoint.baseUrl}/${route}`, body, { signal, timeoutMs });
}
