import type { AuthEvent } from './auth-event.js';
import { printable } from './printable.js';

/**
 * An event as one line of a log: its time, its type, and all else as JSON. User ids, and whatever else people chose,
 * are {@link printable} in it, and the JSON is still that of the event.
 *
 * @example
 * ```ts
 * createZkpAuth({ ...options, onEvent: (event) => console.log(formatEvent(event)) });
 * ```
 */
export function formatEvent({ type, atMs, ...about }: AuthEvent): string {
  return `${new Date(atMs).toISOString()} ${type} ${printable(JSON.stringify(about))}`;
}
