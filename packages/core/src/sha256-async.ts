/**
 * SHA-256 by Web Crypto. A bundle that uses it needs no SHA-256 of its own.
 *
 * @throws `TypeError` on a page that browsers give no Web Crypto to.
 */
export async function sha256Async(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data as BufferSource));
}
