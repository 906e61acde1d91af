/** A longer path is never a named one. A proof has 4 096 characters, so it cannot name a longer path. */
const maxCharacters = 8192;
/**
 * Visible ASCII except `\` and `#`. Some routers read them as `/` and as an end. An honest client encodes all
 * others.
 */
const sendablePath = /^\/[!"$-[\]-~]*$/;
const dotSegment = /\/\.{1,2}(?:\/|$)/;

/** These two stand for no octet, so neither equals a decoded character. */
const encodedSlash = '\u0100';
const strayPercent = '\u0101';

/**
 * Whether a request came for the path that a proof names, or for a path that a proxy makes of it (protocol section
 * 7.1). Each path is decoded exactly once.
 *
 * @param named of the proof's `htu`, as `URL` gives it, so without dot segments.
 * @param received of the request's target, with or without a query. A path of more than 8 192 characters is never
 * named.
 */
export function isNamedPath(named: string, received: string): boolean {
  const [path = ''] = received.split('?', 1);
  if (path.length > maxCharacters) return false;
  // Most paths arrive as the client sent them. A path of `URL` is sendable, and has no dot segments.
  if (path === named) return true;
  if (!sendablePath.test(path)) return false;
  const asked = octetsOf(path);
  const sent = octetsOf(named);
  if (asked === sent) return true;
  return !dotSegment.test(asked) && whatProxiesMake(sent).includes(asked);
}

/** One character for each octet. An encoded slash stays apart from a plain one. */
function octetsOf(path: string): string {
  return path.replace(/%([\da-f]{2})?/gi, (_, hex?: string) => {
    if (hex === undefined) return strayPercent;
    const octet = String.fromCharCode(Number.parseInt(hex, 16));
    return octet === '/' ? encodedSlash : octet;
  });
}

/** A proxy may merge slashes, decode encoded ones, or do both. It never does the opposite of either. */
function whatProxiesMake(sent: string): string[] {
  const decoded = sent.replaceAll(encodedSlash, '/');
  return [mergeSlashes(sent), decoded, mergeSlashes(decoded)];
}

function mergeSlashes(path: string): string {
  return path.replace(/\/{2,}/g, '/');
}
