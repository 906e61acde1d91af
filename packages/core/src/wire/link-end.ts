/**
 * The end of a link.
 *
 * - `approved`: the new device is one of the user's.
 * - `rejected`: the person refused it.
 * - `ended`: the device that opened it opened another one, or was revoked or replaced, or its user is gone.
 * - `expired`: its time is over.
 */
export type LinkEnd = 'approved' | 'rejected' | 'ended' | 'expired';

/** A link that has ended, as both devices can read it for 24 hours. */
export interface EndedLink {
  state: LinkEnd;
}

const ends: ReadonlySet<unknown> = new Set<LinkEnd>(['approved', 'rejected', 'ended', 'expired']);

export function isLinkEnd(value: unknown): value is LinkEnd {
  return ends.has(value);
}
