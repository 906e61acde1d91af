import type { AuthEvent } from './auth-event.js';
import { printable } from './printable.js';

/**
 * An event as one line of a log, with its time, its type, and everything else as JSON. User ids and other texts
 * that people chose are {@link printable} in it, and the JSON still means the same.
 *
 * @example
 * ```ts
 * createZkpAuth({ ...options, onEvent: (event) => console.log(formatEvent(event)) });
 * ```
 */
export function formatEvent({ type, atMs, ...about }: AuthEvent): string {
  return `${new Date(atMs).toISOString()} ${type} ${printable(JSON.stringify(about))}`;
}
