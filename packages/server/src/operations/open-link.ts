import { encodeBase64url, linkIdLength, ZkpAuthError } from '@zkp-auth/core';
import { formatOpenLinkResponse, parseOpenLinkRequest } from '@zkp-auth/core/linking';
import { decodeJwt } from 'jose';
import { drawRandom } from '../draw-random.js';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import { drawLinkCode } from '../links/draw-link-code.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { linkTtlMs } from '../stores/link-policy.js';
import { storeCall } from '../stores/store-call.js';
import { authenticateOpener } from './own-link.js';
import { requireLinks } from './require-links.js';

/** Codes are 50 random bits, so not even a second draw ever comes. */
const maxDraws = 3;

/**
 * Open a link for a new device (protocol section 10.4). An earlier link of the same credential ends.
 *
 * @throws {@link ZkpAuthError} as {@link authenticateOpener}, `SESSION_KEY_REQUIRED`, `LINKING_UNSUPPORTED`, or a
 * parsing code.
 */
export async function openLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswer<'openLink'>>> {
  const links = requireLinks(engine);
  const { commitment } = parseOpenLinkRequest(body);
  const { userId, credentialId, sessionId, sessionKey } = await authenticateOpener(engine, facts);
  if (sessionKey === null) throw new ZkpAuthError('SESSION_KEY_REQUIRED');
  const audience = audienceOf(facts);
  const openedAtMs = engine.now();
  const expiresAtMs = openedAtMs + linkTtlMs;
  for (let draws = 0; draws < maxDraws; draws++) {
    const [linkId, code] = [encodeBase64url(drawRandom(linkIdLength)), drawLinkCode()];
    const codeHash = engine.linkCodes.hashOf(code);
    const link = { linkId, userId, credentialId, audience, commitment, codeHash, openedAtMs, expiresAtMs };
    const outcome = await storeCall(links.open(link));
    // The user was deleted or suspended meanwhile.
    if (outcome === 'gone') throw new ZkpAuthError('UNAUTHENTICATED');
    if (outcome === 'taken') continue;
    const by = { sessionId, credentialId };
    engine.emit({ atMs: openedAtMs, userId, credentialId, type: 'link_opened', linkId, by });
    return { body: formatOpenLinkResponse({ linkId, code, expiresInMs: linkTtlMs }), headers: [] };
  }
  throw new ZkpAuthError('STORE_UNAVAILABLE', 'The link store says of each new code that it is taken.');
}

/** The origin under which the client reached this server, by the DPoP proof that was just verified. */
function audienceOf({ dpop = '' }: RequestFacts): string {
  return new URL(String(decodeJwt(dpop)['htu'])).origin;
}
