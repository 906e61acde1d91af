import { credentialIdOf, decodeBase64url, encodeBase64url } from '@zkp-auth/core';
import type { Insertable, Selectable, Updateable } from 'kysely';
import { forgettableAtMs } from '../stores/link-policy.js';
import type { Link, LinkOffer, NewLink } from '../stores/link-store.js';
import { integerOf } from './integer-of.js';
import { millisecondsOf } from './milliseconds.js';
import type { ZkpAuthTables } from './schema.js';

type Links = ZkpAuthTables['zkp_links'];
export type LinkRow = Selectable<Links>;

/** Length in bytes of a key, a nonce and a commitment. */
const bytesLength = 32;

export function linkRowOf(link: NewLink): Insertable<Links> {
  return {
    link_id: link.linkId,
    user_id: link.userId,
    credential_id: link.credentialId,
    audience: link.audience,
    commitment: encodeBase64url(link.commitment),
    code_hash: link.codeHash,
    claims: 0,
    opened_at_ms: link.openedAtMs,
    expires_at_ms: link.expiresAtMs,
    forgettable_at_ms: forgettableAtMs({ endedAtMs: null, expiresAtMs: link.expiresAtMs }),
    ended: null,
    ended_at_ms: null,
  };
}

export function offerColumnsOf({ publicKey, nonce, pin, deviceName }: LinkOffer): Updateable<Links> {
  return {
    new_public_key: encodeBase64url(publicKey),
    new_nonce: encodeBase64url(nonce),
    new_pin_hash: pin?.pinHash ?? null,
    new_secret_id: pin?.secretId ?? null,
    new_device_name: deviceName,
  };
}

export function linkOf(row: LinkRow): Link {
  return {
    linkId: row.link_id,
    userId: row.user_id,
    credentialId: row.credential_id,
    audience: row.audience,
    commitment: bytesOf(row, 'commitment', row.commitment),
    codeHash: row.code_hash,
    openedAtMs: integerOf(row.opened_at_ms),
    expiresAtMs: integerOf(row.expires_at_ms),
    claims: integerOf(row.claims),
    offer: offerOf(row),
    nonce: row.nonce === null ? null : bytesOf(row, 'nonce', row.nonce),
    end: endOf(row),
    endedAtMs: millisecondsOf(row.ended_at_ms),
  };
}

function offerOf(row: LinkRow): LinkOffer | null {
  const { new_public_key: key, new_nonce: nonce, new_pin_hash: pinHash, new_secret_id: secretId } = row;
  if (key === null) return null;
  const publicKey = bytesOf(row, 'new_public_key', key);
  return {
    credentialId: credentialIdOf(publicKey),
    publicKey,
    nonce: bytesOf(row, 'new_nonce', nonce),
    pin: pinHash === null || secretId === null ? null : { pinHash, secretId },
    deviceName: row.new_device_name,
  };
}

function bytesOf({ link_id }: LinkRow, column: string, text: string | null): Uint8Array {
  const bytes = text === null ? null : decodeBase64url(text, bytesLength);
  if (bytes === null) throw new Error(`zkp_links: ${column} of ${link_id} is damaged`);
  return bytes;
}

/** A damaged end is an error, never an open link. */
function endOf({ ended, link_id }: LinkRow): Link['end'] {
  if (ended === null || ended === 'approved' || ended === 'rejected' || ended === 'ended') return ended;
  throw new Error(`zkp_links: ended of ${link_id} is damaged`);
}
