import { formatReadLinkResponse, type ReadLinkResponse } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import type { ServedAnswer } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { offeredPinHash } from './link-context.js';
import { requireOwnLink, type OwnLink } from './own-link.js';

/** The link, for the device that opened it (protocol section 10.8). @throws as {@link requireOwnLink}. */
export async function readLink(
  engine: Engine,
  _body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswer<'readLink'>>> {
  return { body: formatReadLinkResponse(responseOf(await requireOwnLink(engine, facts))), headers: [] };
}

function responseOf({ link, state, expiresInMs }: OwnLink): ReadLinkResponse {
  const { offer } = link;
  if (state === 'open') return { state, expiresInMs };
  if (state !== 'offered' && state !== 'revealed') return { state };
  if (offer === null) throw new Error(`the link ${link.linkId} has no offer`);
  const { publicKey, nonce, deviceName } = offer;
  return { state, expiresInMs, publicKey, pinHash: offeredPinHash(offer), nonce, deviceName };
}
