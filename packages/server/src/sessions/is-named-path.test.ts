import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamedPath } from './is-named-path.js';

/** The path that a client's proof names for this address. */
const named = (path: string): string => new URL(`https://api.example${path}`).pathname;
const isNamed = (client: string, server: string): boolean => isNamedPath(named(client), server);

/** nginx with a path in `proxy_pass`, and Apache httpd, decode everything that needs no encoding. */
const decodeMuch = (path: string): string =>
  path.replace(/%([\da-f]{2})/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~!$&'()*+,:;=@-]/.test(character) ? character : encoded.toUpperCase();
  });
/** Caddy encodes more than the client did when it takes a part of the path away. */
const encodeMuch = (path: string): string =>
  path.replace(/[!'()*[\]|^$&+,;=@]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const lowerHex = (path: string): string => path.replace(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase());
const merge = (path: string): string => path.replaceAll(/\/+/g, '/');
const decodeSlash = (path: string): string => path.replaceAll(/%2f/gi, '/');

/** A path that a page makes from arbitrary texts, sometimes with empty parts. */
const clientPath = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('', 'a/b', '..', '%2F', "o'hara@x"),
    ),
  )
  .map((parts) => named(`/api/${parts.map(encodeURIComponent).join('/')}`));
const hasDots = (path: string): boolean => /\/\.{1,2}(\/|$)/.test(path);

describe('a path that a proof names', () => {
  // Sent paths, and the paths that nginx 1.22, Apache httpd 2.4, HAProxy 2.6 or Caddy 2.6 pass on.
  it.each([
    ['/u/bob%40example.com', '/u/bob@example.com'],
    ['/u/%7Eb', '/u/~b'],
    ['/u/o%27hara', "/u/o'hara"],
    ["/u/o'hara", '/u/o%27hara'],
    ['/u/%21%2A%28%29', '/u/!*()'],
    ['/u/!*()', '/u/%21%2A%28%29'],
    ['/u/1%2B1', '/u/1+1'],
    ['/u/urn%3Aisbn', '/u/urn:isbn'],
    ['/u/a%3Bb%3Dc', '/u/a;b=c'],
    ['/u/a%26b%2Cc%24', '/u/a&b,c$'],
    ['/u/%5Ba%5D', '/u/[a]'],
    ['/u/[a]', '/u/%5Ba%5D'],
    ['/u/a|b', '/u/a%7Cb'],
    ['/u/a^b', '/u/a%5Eb'],
    ['/u/%e4', '/u/%E4'],
    ['/u/ä', '/u/%c3%a4'],
    ['/u/%61', '/u/a'],
    ['/u/a%20b%3Fc%23d', '/u/a%20b%3fc%23d'],
    ['/u//b', '/u/b'],
    ['/u/a%2Fb', '/u/a/b'],
    ['/u/a%2f%2Fb', '/u/a/b'],
    ['/u/a%2f%2Fb', '/u/a//b'],
    ['/u//a%2Fb', '/u/a%2Fb'],
    ['/u/100%25', '/u/100%25'],
    ['/u/a%252Fb', '/u/a%252Fb'],
    ['/u/%C0%AF%FF', '/u/%c0%af%ff'],
    ['/u/..%2Fb', '/u/..%2Fb'],
    ['/u/a%5Cb', '/u/a%5cb'],
    ['/u/100%', '/u/100%'],
    ['/u/x/../y', '/u/y'],
    ['/u/%2e%2e/y', '/y'],
    ['/u/b', '/u/b?page=2'],
    ['/u/', '/u/'],
    ['/', '/'],
  ])('%s is %s behind some proxy', (client, server) => {
    expect(isNamed(client, server)).toBe(true);
  });

  // Paths that a thief of one proof, or a name that an attacker has chosen, could make of it.
  it.each([
    ['an encoded slash for a slash', '/u/a/b', '/u/a%2Fb'],
    ['a slash more', '/u/b', '/u//b'],
    ['a slash more at the end', '/u', '/u/'],
    ['a slash less at the end', '/u/', '/u'],
    ['an empty segment at the end', '/u/', '/u//'],
    ['one of two encoded slashes decoded', '/u/a%2Fb%2Fc', '/u/a/b%2Fc'],
    ['decoded twice', '/u/a%252Fb', '/u/a%2Fb'],
    ['decoded three times', '/u/a%252Fb', '/u/a/b'],
    ['not decoded', '/u/a%2Fb', '/u/a%252Fb'],
    ['a segment taken back', '/u/b', '/u/x/../b'],
    ['a segment taken back, encoded', '/u/b', '/u/x/%2e%2E/b'],
    ['a segment taken back, in part encoded', '/u/b', '/u/x/.%2e/b'],
    ['a segment that is none', '/u/b', '/u/./b'],
    ['an encoded segment that is none', '/u/b', '/u/%2e/b'],
    ['a name that climbs, decoded', '/u/..%2Fb', '/u/../b'],
    ['a name that climbs, resolved', '/u/..%2Fb', '/b'],
    ['a name that climbs inside', '/u/a%2F..%2Fb', '/u/b'],
    ['parameters of a segment', '/u/b', '/u/b;role=admin'],
    ['climbing by parameters', '/u/b', '/u/x/..;/b'],
    ['another letter case', '/u/b', '/U/b'],
    ['another letter case of a name', '/u/b', '/u/B'],
    ['a backslash for a slash', '/u/b', '/u\\b'],
    ['a backslash, as some routers read it', '/u/a%5Cb', '/u/a\\b'],
    ['an encoded backslash for a slash', '/u/b', '/u%5Cb'],
    ['a slash that is too long for UTF-8', '/u/a/b', '/u/a%C0%AFb'],
    ['a letter that is too long for UTF-8', '/u/a', '/u/%C1%A1'],
    ['a full-width letter', '/u/a', '/u/%EF%BD%81'],
    ['a decomposed letter', '/u/%C3%A4', '/u/a%CC%88'],
    ['NUL at the end', '/u/b', '/u/b%00'],
    ['NUL inside', '/u/b', '/u/%00b'],
    ['a raw NUL', '/u/%00b', '/u/\0b'],
    ['a space at the end', '/u/b', '/u/b%20'],
    ['a raw space', '/u/b%20', '/u/b '],
    ['a tab, which URL removes', '/u/b', '/u/\tb'],
    ['raw bytes', '/u/%E4', '/u/\u00e4'],
    ['an encoded question mark', '/u/b', '/u/b%3Fx'],
    ['a query that was encoded', '/u/b%3Fx', '/u/b?x'],
    ['a fragment', '/u/b', '/u/b#c'],
    ['an encoded fragment', '/u/b', '/u/b%23c'],
    ['a stray percent sign for an encoded one', '/u/100%25', '/u/100%'],
    ['an encoded percent sign for a stray one', '/u/100%', '/u/100%25'],
    ['half an octet', '/u/%2', '/u/%252'],
    ['an encoded slash made of a stray percent sign', '/u/a%2Fb', '/u/a%%32Fb'],
    ['no octet', '/u/%zz', '/u/%25zz'],
    ['an absolute address', '/u/b', 'https://api.example/u/b'],
    ['another host', '/u/b', '//evil.example/u/b'],
    ['a user name', '/u/b', '@evil.example/u/b'],
    ['no path', '/', ''],
    ['an asterisk', '/', '*'],
    ['only a query', '/', '?x'],
  ])('is not another: %s', (_, client, server) => {
    expect(isNamed(client, server)).toBe(false);
  });

  it('survives any proxy, however it encodes', () => {
    fc.assert(
      fc.property(clientPath, fc.subarray([decodeMuch, encodeMuch, lowerHex]), (path, proxies) => {
        const passed = proxies.reduce((sent, proxy) => proxy(sent), path);
        expect(isNamedPath(path, passed), passed).toBe(true);
        expect(isNamedPath(path, `${passed}?x=1`)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('survives a proxy that merges and decodes slashes, unless a segment climbs then', () => {
    fc.assert(
      fc.property(clientPath, fc.subarray([decodeSlash, merge], { minLength: 1 }), (path, proxies) => {
        const passed = decodeMuch(proxies.reduce((sent, proxy) => proxy(sent), path));
        expect(isNamedPath(path, passed), passed).toBe(path === passed || !hasDots(passed));
      }),
      { numRuns: 1000 },
    );
  });

  it('is never one that has more slashes, or that stands for other octets, or that climbs', () => {
    const octets = (path: string): string =>
      path.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const slashes = (path: string): number => path.split('/').length - 1;
    const families = [
      ['/', '//', '%2f', '%2F', '%252f', '\\', '%5c', '%c0%af'],
      ['.', '..', '%2e', '.%2E', '%252e'],
      ['a', '%61', 'A', '%2561', '%c1%a1'],
      [';', '%3B', '%', '%25', '%2', '', '%00', '?', '%3f'],
    ].map((family) => fc.tuple(fc.constantFrom(...family), fc.constantFrom(...family)));
    let equal = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(...families), { maxLength: 6 }), (pairs) => {
        const client = `/${pairs.map(([sent]) => sent).join('')}`;
        const server = `/${pairs.map(([, received]) => received).join('')}`;
        if (!isNamed(client, server)) return;
        equal++;
        const [path = ''] = server.split('?');
        expect(merge(octets(path))).toBe(merge(octets(named(client))));
        expect(slashes(path)).toBeLessThanOrEqual(slashes(decodeSlash(named(client))));
        expect(path.match(/%2f/gi)?.length ?? 0).toBeLessThanOrEqual(client.match(/%2f/gi)?.length ?? 0);
        expect(hasDots(decodeMuch(path))).toBe(false);
      }),
      { numRuns: 20_000 },
    );
    expect(equal).toBeGreaterThan(1_000);
  });

  it('is none that is longer than 8192 characters', () => {
    const longest = `/${'%C3'.repeat(2_730)}a`;
    expect(longest).toHaveLength(8_192);
    expect(isNamedPath(longest, longest)).toBe(true);
    expect(isNamedPath(`${longest}a`, `${longest}a`)).toBe(false);
    expect(isNamedPath('/a', `/a?${'x'.repeat(10_000)}`)).toBe(true);
  });
});
