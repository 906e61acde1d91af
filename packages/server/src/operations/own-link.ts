import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { refuseCrossSite } from '../sessions/refuse-cross-site.js';
import { storeCall } from '../stores/store-call.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { authenticate } from './authenticate.js';
import { knownLink, type KnownLink } from './known-link.js';
import { requireLinks } from './require-links.js';

/** A link, and the session of the device that opened it. */
export interface OwnLink extends KnownLink {
  user: ZkpUser;
}

/** The person who asks on the device that opens links. @throws as {@link authenticate}, and `CROSS_SITE_REQUEST`. */
export async function authenticateOpener(engine: Engine, facts: RequestFacts): Promise<ZkpUser> {
  if (engine.sessionPolicy.carriage === 'cookie') refuseCrossSite(engine, facts);
  return authenticate(engine, facts, { dpop: 'if-bound' });
}

/**
 * The link that the path names, for the credential that opened it.
 *
 * @throws {@link ZkpAuthError} as {@link authenticateOpener}, `INVALID_LINK_ID` without a linkId, and `LINK_NOT_FOUND`
 * for a link of any other credential, of the same user too.
 */
export async function requireOwnLink(engine: Engine, facts: RequestFacts): Promise<OwnLink> {
  const links = requireLinks(engine);
  const user = await authenticateOpener(engine, facts);
  const { linkId } = facts;
  if (linkId === undefined) throw new ZkpAuthError('INVALID_LINK_ID');
  const known = await knownLink(engine, await storeCall(links.find(linkId)));
  const isOwn = known?.link.userId === user.userId && known.link.credentialId === user.credentialId;
  if (known === null || !isOwn) throw new ZkpAuthError('LINK_NOT_FOUND');
  return { ...known, user };
}
