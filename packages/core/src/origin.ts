const loopbackHost = /^(?:localhost|[^/]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a value is an origin that may be bound into a proof: `URL.origin` text (so lower case, without a
 * default port or a path), `https:`, or `http:` on loopback. `"null"` is not.
 */
export function isValidOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.origin !== value) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHost.test(url.hostname));
}
