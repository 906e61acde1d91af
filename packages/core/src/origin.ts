const loopbackHost = /^(?:localhost|[^/]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The first ones accepted, a server's own among them: every request names two, and parsing is slow. */
const known = new Set<string>();
const maxKnown = 256;

/**
 * Whether a value is an origin that may be bound into a proof: `URL.origin` text (so lower case, without a
 * default port or a path), `https:`, or `http:` on loopback. `"null"` is not.
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
