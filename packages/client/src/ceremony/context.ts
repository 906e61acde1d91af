import type { AnswerOf, RouteName } from '@zkp-auth/core';
import type { Phase } from '../client-types.js';
import type { EvictionMarker } from '../storage/eviction-marker.js';
import type { PinPolicy } from '../pins/pin-policy.js';
import type { ConfirmingAccess } from '../sessions/confirmed-fetch.js';
import type { KeyName, KeyStorage } from '../vault/key-storage.js';
import { call, type Message, type Repeat } from '../transport/channel.js';

/** What one call works with. */
export interface Context extends ConfirmingAccess {
  readonly storage: KeyStorage;
  /** Whether new PIN slots open with the server's help only. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  /** Go on with work after the call has answered. It is given a context without the call's signal and listeners. */
  readonly later: (work: (context: Context) => Promise<void>) => void;
}

export function keyName(context: Pick<Context, 'endpoint'>, userId: string): KeyName {
  return { userId, audience: context.endpoint.audience };
}

/**
 * Call a route of the server, reporting that it is being contacted.
 *
 * @param repeat as for `call`.
 */
export async function contact<Route extends RouteName>(
  context: Context,
  route: Route,
  { repeat = (sending) => sending(), ...message }: Message<Route> & { repeat?: Repeat },
): Promise<AnswerOf<Route>> {
  return call(context, route, {
    ...message,
    signal: context.signal,
    repeat: (sending) =>
      repeat(() => {
        context.report('contacting');
        return sending();
      }),
  });
}
