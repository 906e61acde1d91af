import type { AnswerOf, RouteName } from '@zkp-auth/core';
import type { Phase } from '../client-types.js';
import type { PinPolicy } from '../pins/pin-policy.js';
import type { ConfirmingAccess } from '../sessions/confirmed-fetch.js';
import type { EvictionMarker } from '../storage/eviction-marker.js';
import type { Standing } from './decisive.js';
import { callRoute, type Message, type Repeat } from '../transport/channel.js';
import type { KeyName } from '../storage/local-key.js';
import type { KeyStorage } from '../vault/key-storage.js';

/** One call of the client, and the parts of the client that it works with. */
export interface Call extends ConfirmingAccess {
  readonly storage: KeyStorage;
  /** Whether new PIN slots open with the server's help only. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  readonly standing: Standing;
  /** What this sign-in is to be called, if the call says so. */
  readonly deviceName?: string | undefined;
  /** Go on with work after the call has answered. The work gets a call without a signal and without listeners. */
  readonly later: (work: (call: Call) => Promise<void>) => void;
}

export function keyName(call: Pick<Call, 'endpoint'>, userId: string): KeyName {
  return { userId, audience: call.endpoint.audience };
}

/**
 * Call a route of the server, reporting that it is being contacted.
 *
 * @param repeat as for `callRoute`.
 */
export async function contact<Route extends RouteName>(
  call: Call,
  route: Route,
  { repeat = (sending) => sending(), ...message }: Message<Route> & { repeat?: Repeat },
): Promise<AnswerOf<Route>> {
  return callRoute(call, route, {
    ...message,
    signal: call.signal,
    repeat: (sending) =>
      repeat(() => {
        call.report('contacting');
        return sending();
      }),
  });
}
