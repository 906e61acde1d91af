const loopbackHost = /^(?:localhost|[^/]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The first accepted origins, a server's own among them. Every request names two, and parsing is slow. */
const known = new Set<string>();
const maxKnown = 256;

/**
 * Whether a value is an origin that may be bound into a proof: `https:`, or `http:` on loopback, in the text of
 * `URL.origin` (lower case, without a default port or a path). `"null"` is none.
 */
export function isValidOrigin(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (known.has(value)) return true;
  if (!isOrigin(value)) return false;
  if (known.size < maxKnown) known.add(value);
  return true;
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.origin !== value) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHost.test(url.hostname));
}
