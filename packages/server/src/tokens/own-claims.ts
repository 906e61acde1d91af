import { encodeUtf8 } from '@zkp-auth/core';

/** The names of the claims that the server sets. */
const ownNames: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'sub',
  'credential_id',
  'sid',
  'jti',
  'iat',
  'nbf',
  'exp',
  'auth_time',
  'cnf',
]);

/** Every request carries the token in a header. */
const maxClaimsBytes = 4096;

/** The claims that an application adds to a token. @throws `TypeError` for claims that no token may have. */
export function checkedClaims(claims: unknown): Record<string, unknown> {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims))
    throw new TypeError('claims: return an object, such as { role: "editor" }');
  const own = Object.keys(claims).find((name) => ownNames.has(name) || name === '__proto__');
  if (own !== undefined)
    throw new TypeError(`claims: ${own} is a claim of the token's own. Choose another name`);
  if (encodeUtf8(JSON.stringify(claims)).length > maxClaimsBytes)
    throw new TypeError(`claims: at most ${maxClaimsBytes} bytes of JSON fit into a token`);
  return claims as Record<string, unknown>;
}
