import type { Engine } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { forgettableAtMs, linkStateOf, type LinkState } from '../stores/link-policy.js';
import type { Link } from '../stores/link-store.js';
import { storeCall } from '../stores/store-call.js';

/** A link as it stands now. */
export interface KnownLink {
  link: Link;
  state: LinkState;
  /** The credential that opened it. */
  opener: Credential;
  /** How long it lives, in milliseconds. Without meaning at an end. */
  expiresInMs: number;
}

/**
 * The present state of a link. It ends with the credential that opened it. No row says so, so that no revocation can
 * come between.
 *
 * @returns `null` if the link is unknown, which it also is once it can be forgotten, and if its user was deleted or
 * suspended.
 */
export async function knownLink(engine: Engine, link: Link | null): Promise<KnownLink | null> {
  const nowMs = engine.now();
  if (link === null || nowMs >= forgettableAtMs(link)) return null;
  const opener = await storeCall(engine.credentials.find(link.userId, link.credentialId));
  if (opener === null || opener.suspendedAtMs !== null) return null;
  const own = linkStateOf(link, nowMs);
  const state = isUnended(own) && opener.revokedAtMs !== null ? 'ended' : own;
  return { link, state, opener, expiresInMs: link.expiresAtMs - nowMs };
}

/** Whether a link can still get an end. */
export function isUnended(state: LinkState): state is 'open' | 'offered' | 'revealed' {
  return state === 'open' || state === 'offered' || state === 'revealed';
}
