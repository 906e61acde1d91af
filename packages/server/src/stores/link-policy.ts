import type { LinkEnd } from '@zkp-auth/core/linking';
import type { Link } from './link-store.js';

/** How long a link lives, in milliseconds. */
export const linkTtlMs = 600_000;

/** How long the end of a link can be read, in milliseconds. */
export const linkEndReadableMs = 86_400_000;

/** The most links of a user that are kept, ended ones included: twice as many as a user has credentials. */
export const maxLinksOfUser = 64;

/** How often a link may be claimed. */
export const maxLinkClaims = 20;

export type LinkState = 'open' | 'offered' | 'revealed' | LinkEnd;

/** The state of a link by its own row. All stores share this rule. */
export function linkStateOf({ end, offer, nonce, expiresAtMs }: Link, nowMs: number): LinkState {
  if (end !== null) return end;
  if (nowMs >= expiresAtMs) return 'expired';
  if (offer === null) return 'open';
  return nonce === null ? 'offered' : 'revealed';
}

/** From then on a link is forgotten. */
export function forgettableAtMs({ endedAtMs, expiresAtMs }: Pick<Link, 'endedAtMs' | 'expiresAtMs'>): number {
  return (endedAtMs ?? expiresAtMs) + linkEndReadableMs;
}
