import { formatOfferStateResponse } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { LinkOffer } from '../stores/link-store.js';
import { storeCall } from '../stores/store-call.js';
import { knownLink, type KnownLink } from './known-link.js';
import { requireLinks } from './require-links.js';

/** The link of this linkId, if this is its code; otherwise `null`. */
export async function findLinkOfCode(
  engine: Engine,
  { linkId, code }: { linkId: string; code: string },
): Promise<KnownLink | null> {
  const known = await knownLink(engine, await storeCall(requireLinks(engine).find(linkId)));
  return known !== null && engine.linkCodes.isOf(known.link.codeHash, code) ? known : null;
}

/** The link as the device that offered the key sees it; `null` if the offer is not that of this credential. */
export function answerToOffer(
  known: KnownLink | null,
  credentialId: string,
): Outcome<ServedAnswer<'offerState'>> | null {
  const offer: LinkOffer | null = known?.link.offer ?? null;
  if (known === null || offer?.credentialId !== credentialId) return null;
  const { link, state, expiresInMs } = known;
  if (state === 'open') return null;
  if (state === 'offered') return answer({ state, expiresInMs });
  if (state !== 'revealed') return answer({ state });
  return link.nonce === null ? null : answer({ state, expiresInMs, nonce: link.nonce });
}

function answer(
  response: Parameters<typeof formatOfferStateResponse>[0],
): Outcome<ServedAnswer<'offerState'>> {
  return { body: formatOfferStateResponse(response), headers: [] };
}
