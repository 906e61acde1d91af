import { ZkpAuthError } from '@zkp-auth/core';
import { parseRejectLinkRequest } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { requireOwnLink } from './own-link.js';
import { requireLinks } from './require-links.js';

/**
 * End a link without a new device (protocol section 10.10). A link with another end keeps it.
 *
 * @throws {@link ZkpAuthError} as {@link requireOwnLink}, `LINK_STATE_CHANGED` for an approved link, or a parsing code.
 */
export async function rejectLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<undefined>> {
  const links = requireLinks(engine);
  parseRejectLinkRequest(body);
  const { link, user } = await requireOwnLink(engine, facts);
  const { linkId, offer } = link;
  const { userId, credentialId, sessionId } = user;
  const atMs = engine.now();
  if (await storeCall(links.reject({ linkId, atMs }))) {
    const by = { sessionId, credentialId };
    const offered = offer && { newCredentialId: offer.credentialId, deviceName: offer.deviceName };
    engine.emit({ atMs, userId, credentialId, type: 'link_rejected', linkId, by, ...offered });
    return nothing;
  }
  const ended = await storeCall(links.find(linkId));
  if (ended?.end === 'approved') throw new ZkpAuthError('LINK_STATE_CHANGED');
  return nothing;
}
