import { ZkpAuthError } from '@zkp-auth/core';
import { opensLinkCommitment, parseRevealLinkRequest } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { requireOwnLink } from './own-link.js';
import { requireLinks } from './require-links.js';

/**
 * Keep the nonce of the device that opened the link, for the new device (protocol section 10.9).
 *
 * @throws {@link ZkpAuthError} as {@link requireOwnLink}, `LINK_STATE_CHANGED`, `INVALID_NONCE`, or a parsing code.
 */
export async function revealLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<undefined>> {
  const links = requireLinks(engine);
  const { nonce } = parseRevealLinkRequest(body);
  const { link, state, opener } = await requireOwnLink(engine, facts);
  if (state !== 'offered') throw new ZkpAuthError('LINK_STATE_CHANGED');
  const { linkId, audience, userId, commitment } = link;
  // Another nonce would only show the new device that something is wrong.
  if (!opensLinkCommitment(commitment, { audience, userId, publicKey: opener.publicKey, nonce }))
    throw new ZkpAuthError('INVALID_NONCE');
  const isRevealed = await storeCall(links.reveal({ linkId, atMs: engine.now() }, nonce));
  if (!isRevealed) throw new ZkpAuthError('LINK_STATE_CHANGED');
  return nothing;
}
