import { ZkpAuthError } from '@zkp-auth/core';
import { parseOfferStateRequest } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { guessLink, nobody } from './guess-link.js';
import { answerToOffer, findLinkOfCode } from './offered-link.js';
import { requireLinks } from './require-links.js';

/**
 * The state of a link, for the device that offered a key to it (protocol section 10.7).
 *
 * @throws {@link ZkpAuthError} `LINK_NOT_FOUND`, `RATE_LIMITED`, `LINKING_UNSUPPORTED`, or a parsing code.
 */
export async function offerState(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswer<'offerState'>>> {
  requireLinks(engine);
  const request = parseOfferStateRequest(body);
  const { credentialId } = request;
  return guessLink(engine, { userId: nobody, credentialId, facts }, async () => {
    const answer = answerToOffer(await findLinkOfCode(engine, request), credentialId);
    if (answer === null) throw new ZkpAuthError('LINK_NOT_FOUND');
    return answer;
  });
}
