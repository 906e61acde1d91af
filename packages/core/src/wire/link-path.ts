import { decodeBase64url } from '../base64url.js';
import { linkIdLength } from '../lengths.js';

const placeholder = '{linkId}';

/**
 * The path of one link, from a route's path such as `/links/{linkId}/reveal`.
 *
 * @param linkId 16 bytes in base64url.
 * @throws `TypeError` for anything else, so that no other text gets into an address.
 */
export function linkPath(path: `/${string}`, linkId: string): `/${string}` {
  if (decodeBase64url(linkId, linkIdLength) === null)
    throw new TypeError('linkId must be 16 bytes in base64url');
  return path.replace(placeholder, linkId) as `/${string}`;
}

/**
 * The linkId in a path that was received, by a route's path such as `/links/{linkId}/reveal`.
 *
 * @returns 16 bytes in base64url, or `null` if the path is of another route. No linkId is `claim` or `offer`.
 */
export function readLinkPath(path: `/${string}`, received: string): string | null {
  const [start = '', end = ''] = path.split(placeholder);
  if (!path.includes(placeholder) || !received.startsWith(start) || !received.endsWith(end)) return null;
  const linkId = received.slice(start.length, received.length - end.length);
  return decodeBase64url(linkId, linkIdLength) === null ? null : linkId;
}
