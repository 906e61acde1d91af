import { type AuthEvent, formatEvent } from '@zkp-auth/server';

/** The events that an operator should look at. All others are normal. */
const worthALook: ReadonlySet<AuthEvent['type']> = new Set([
  'record_clone_suspected',
  'refresh_reuse_detected',
  'confirmation_rejected',
  'dpop_rejected',
  'origin_rejected',
  'pin_tries_returned',
  'pin_locked',
  'pin_unlocked',
]);

/** Print one line for each of these events. No event holds a secret. */
export function logEvent(event: AuthEvent): void {
  if (worthALook.has(event.type)) console.log(formatEvent(event));
}
