import { ZkpAuthError } from '@zkp-auth/core';
import { formatClaimLinkResponse, parseClaimLinkRequest } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { maxLinkClaims } from '../stores/link-policy.js';
import { storeCall } from '../stores/store-call.js';
import { acceptBlindedPin, assistPin } from './assist-pin.js';
import { guessLink, nobody } from './guess-link.js';
import { knownLink } from './known-link.js';
import { requireLinks } from './require-links.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/**
 * Tell a new device about the link of a code (protocol section 10.5), and evaluate its PIN under a new pinId. The link
 * stays as it is.
 *
 * @throws {@link ZkpAuthError} `LINK_NOT_FOUND`, `RATE_LIMITED`, `PIN_ASSISTANCE_UNSUPPORTED`, `LINKING_UNSUPPORTED`,
 * or a parsing code.
 */
export async function claimLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswer<'claimLink'>>> {
  const links = requireLinks(engine);
  const { code, credentialId, pin } = parseClaimLinkRequest(body);
  const blindedPin = pin && acceptBlindedPin(requirePinAssistance(engine), pin);
  return guessLink(engine, { userId: nobody, credentialId, facts }, async () => {
    const codeHashes = engine.linkCodes.hashesOf(code);
    const known = await knownLink(engine, await storeCall(links.findByCode(codeHashes)));
    if (known?.state !== 'open') throw new ZkpAuthError('LINK_NOT_FOUND');
    const { link, opener, expiresInMs } = known;
    const { linkId, userId, commitment } = link;
    const isClaimed = await storeCall(links.claim({ linkId, atMs: engine.now() }, maxLinkClaims));
    if (!isClaimed) throw new ZkpAuthError('LINK_NOT_FOUND');
    const subject = { purpose: 'link-device', userId, credentialId, linkId } as const;
    const { id, challenge } = engine.challenges.issueForLink(subject, { expiresInMs, pin: blindedPin?.pin });
    const issued = { challenge, facts, afterwards: (work: () => void): void => work() };
    const answer = {
      linkId,
      userId,
      publicKey: opener.publicKey,
      commitment,
      challengeId: id,
      challenge,
      expiresInMs,
      pin: blindedPin && (await assistPin(engine, requirePinAssistance(engine), blindedPin, issued)),
    };
    return { body: formatClaimLinkResponse(answer), headers: [] };
  });
}
