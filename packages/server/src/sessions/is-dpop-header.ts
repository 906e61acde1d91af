import { decodeBase64url } from '@zkp-auth/core';

/**
 * The members of RFC 9449 section 4.2. Others, such as `jku` and `x5c`, name a key in another way, and `b64`
 * another payload.
 */
const headerMembers: ReadonlySet<string> = new Set(['typ', 'alg', 'jwk']);
/**
 * The members that a key may have beside its coordinates. An export of Web Crypto has most of them, and two
 * describe a public key.
 */
const keyMembers: ReadonlySet<string> = new Set(['kty', 'crv', 'alg', 'use', 'kid', 'key_ops', 'ext']);
const coordinateBytes = 32;
/** Both curves have coordinates of 32 bytes. */
const coordinates: Readonly<Record<string, readonly string[]>> = {
  'OKP Ed25519': ['x'],
  'EC P-256': ['x', 'y'],
};

/**
 * Whether a DPoP proof's header has the required members and none that could name another key. The key must be in
 * its only text, so that one key has one thumbprint (RFC 7638).
 */
export function isDpopHeader({ jwk, ...header }: { jwk?: unknown }): boolean {
  if (!Object.keys(header).every((name) => headerMembers.has(name))) return false;
  if (typeof jwk !== 'object' || jwk === null) return false;
  const key = jwk as Readonly<Record<string, unknown>>;
  const needed = coordinates[`${String(key['kty'])} ${String(key['crv'])}`];
  if (needed === undefined) return false;
  if (needed.some((name) => decodeBase64url(key[name], coordinateBytes) === null)) return false;
  return Object.keys(key).every((name) => keyMembers.has(name) || needed.includes(name));
}
