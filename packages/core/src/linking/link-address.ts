import { isLinkCode, normalizeLinkCode } from './link-code.js';

const mark = '#link=';

/**
 * The address in the QR code of a link, `pageUrl#link=CODE`. Browsers send the part after `#` to no server.
 *
 * @param pageUrl the page that the new device opens. A fragment that it has is replaced.
 * @param code ten characters, as they stand on the wire.
 * @throws `TypeError` for anything else.
 */
export function linkAddress(pageUrl: string, code: string): string {
  if (!isLinkCode(code)) throw new TypeError('code must be ten characters of Crockford’s base 32');
  const url = new URL(pageUrl);
  url.hash = '';
  return url.href + mark + code;
}

/**
 * The code in an address of {@link linkAddress}, from a scanned text or from a page's own address.
 *
 * @returns ten characters, or `null` if no `#link=` is there.
 * @throws {@link ZkpAuthError} `INVALID_LINK_CODE` if the text behind it is no code.
 */
export function readLinkAddress(address: string): string | null {
  const start = address.indexOf('#');
  if (start === -1 || !address.startsWith(mark, start)) return null;
  return normalizeLinkCode(address.slice(start + mark.length));
}
