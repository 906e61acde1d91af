import { credentialIdOf, encodeBase64url, ZkpAuthError } from '@zkp-auth/core';
import { type OfferLinkRequest, parseOfferLinkRequest } from '@zkp-auth/core/linking';
import type { LinkOfferRefusalReason } from '../auth-event.js';
import type { DrawnPin } from '../challenges/challenge-pin.js';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import type { Link } from '../stores/link-store.js';
import { storeCall } from '../stores/store-call.js';
import { drawnPin } from './drawn-pin.js';
import { guessLink } from './guess-link.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { linkContextOf } from './link-context.js';
import { answerToOffer, findLinkOfCode } from './offered-link.js';
import { provesNewKey } from './proves-new-key.js';
import { requireLinks } from './require-links.js';

/**
 * Take the key that a new device offers to a link (protocol section 10.6). The first valid offer wins, and spends the
 * code. The same offer sent again is answered by the link's state. Nothing is enrolled yet.
 *
 * @throws {@link ZkpAuthError} `LINK_NOT_FOUND`, `PROOF_REJECTED`, `RATE_LIMITED`, `LINKING_UNSUPPORTED`, or a parsing
 * code.
 */
export async function offerLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswer<'offerLink'>>> {
  const links = requireLinks(engine);
  const request = parseOfferLinkRequest(body);
  const { linkId, userId, publicKey, nonce } = request;
  const credentialId = credentialIdOf(publicKey);
  return guessLink(engine, { userId, credentialId, facts }, async () => {
    const known = await findLinkOfCode(engine, request);
    const repeated = answerToOffer(known, credentialId);
    if (repeated !== null) return repeated;
    if (known?.state !== 'open') throw new ZkpAuthError('LINK_NOT_FOUND');
    const { link } = known;
    const event = { atMs: engine.now(), userId: link.userId, credentialId: link.credentialId, linkId };
    const reject = (
      reason: LinkOfferRefusalReason,
      code: 'PROOF_REJECTED' | 'LINK_NOT_FOUND' = 'PROOF_REJECTED',
    ): ZkpAuthError => {
      engine.emit({ ...event, type: 'link_offer_rejected', newCredentialId: credentialId, reason });
      return new ZkpAuthError(code);
    };
    const verdict = examineOffer(engine, { request, link, credentialId, facts });
    if (verdict.refusal !== null) throw reject(verdict.refusal);
    const { drawn } = verdict;
    const deviceName = request.device?.name ?? null;
    const pin = drawn && { pinHash: encodeBase64url(drawn.pinHash), secretId: drawn.secretId };
    const offer = { credentialId, publicKey, nonce, pin, deviceName };
    const isTaken = await storeCall(links.offer({ linkId, atMs: event.atMs }, offer));
    if (isTaken) engine.emit({ ...event, type: 'link_offered', newCredentialId: credentialId, deviceName });
    const answer = answerToOffer(await findLinkOfCode(engine, request), credentialId);
    if (answer === null) throw reject('taken', 'LINK_NOT_FOUND');
    return answer;
  });
}

type OfferVerdict = { refusal: LinkOfferRefusalReason } | { refusal: null; drawn: DrawnPin | null };

function examineOffer(
  engine: Engine,
  {
    request,
    link,
    credentialId,
    facts,
  }: { request: OfferLinkRequest; link: Link; credentialId: string; facts: RequestFacts },
): OfferVerdict {
  const { userId, challengeId, origin, audience, proof, publicKey, pinId } = request;
  const subject = { purpose: 'link-device', userId, credentialId, linkId: link.linkId } as const;
  const issued = engine.challenges.namedForLink(challengeId, subject, pinId);
  if (!issued.valid || userId !== link.userId) return { refusal: 'challenge' };
  if (!isAllowedOrigin(engine, { userId, credentialId, origin, audience }, facts))
    return { refusal: 'origin' };
  if (audience !== link.audience) return { refusal: 'audience' };
  const drawn = pinId === undefined ? null : drawnPin(issued.pin, pinId);
  if (pinId !== undefined && drawn === null) return { refusal: 'pin' };
  const { challenge } = issued;
  const context = linkContextOf(link, { publicKey, pinHash: drawn?.pinHash });
  const claimed = { purpose: 'link-device', credentialId, publicKey, proof, challenge, context } as const;
  return provesNewKey(request, claimed) ? { refusal: null, drawn } : { refusal: 'proof' };
}
