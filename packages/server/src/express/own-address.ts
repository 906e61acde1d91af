import type { Request } from 'express';

/** Marks the options of a handler whose router has checked the address. */
export const inRouter: unique symbol = Symbol('inRouter');

const escape = /%[\da-f]{2}/gi;
const protocolAndHost = /^[a-z][a-z\d+.-]*:\/\/[^/\\]*/i;

/**
 * Whether a request for a route of a router spells its address as clients do. Express serves `/AUTH/register`,
 * `/auth//register`, `/auth/register#` and `http://any/auth/register` as `/auth/register`, so another spelling
 * could get past a proxy's rule for that address.
 *
 * @param basePath of the router's mount. Default any without capital letters.
 */
export function isRouteAt(req: Request, basePath: string | RegExp | undefined): boolean {
  const { baseUrl, path } = req;
  return isSpeltAs(req, baseUrl + path) && isAt(baseUrl, basePath);
}

/**
 * Like {@link isRouteAt}, for a handler of one route. Express has matched it to the whole address that it is
 * mounted at, without a slash at the end.
 */
export function isOwnAddress(req: Request): boolean {
  const { baseUrl, path } = req;
  const routePath: unknown = (req.route as { path?: unknown } | undefined)?.path;
  if (routePath === undefined)
    return path === '/' && isSpeltAs(req, baseUrl || '/') && isInLowerCase(baseUrl);
  if (!isSpeltAs(req, baseUrl + path) || !isInLowerCase(baseUrl)) return false;
  return path === routePath || ((path === '/' || !path.endsWith('/')) && isInLowerCase(path));
}

/** @throws `TypeError` unless it is a path such as `/Auth`, a pattern, or left out. */
export function refuseWrongBasePath(basePath: unknown): void {
  if (basePath === undefined || basePath instanceof RegExp) return;
  if (typeof basePath === 'string' && /^\/.*[^/]$/.test(basePath)) return;
  throw new TypeError(
    'basePath must be the path of the mount, such as "/Auth" without a slash at the end, or a RegExp',
  );
}

/** An application may have put another address in the request's place. Then that address counts. */
function isSpeltAs({ originalUrl }: Request, address: string): boolean {
  const [target = ''] = originalUrl.split('?', 1);
  return target === address || plain(target) !== plain(address);
}

/** An address as Express and `url.parse` under it may read it, and a little more. */
function plain(address: string): string {
  const [path = ''] = address.replace(protocolAndHost, '').split('#', 1);
  const decoded = path.replace(escape, (hex) => String.fromCharCode(Number.parseInt(hex.slice(1), 16)));
  const merged = decoded.replaceAll('\\', '/').replace(/\/+/g, '/');
  return merged.replace(/\/$/, '').toLowerCase();
}

function isAt(baseUrl: string, basePath: string | RegExp | undefined): boolean {
  if (basePath === undefined) return isInLowerCase(baseUrl);
  if (typeof basePath === 'string') return baseUrl === basePath;
  return baseUrl.match(basePath)?.[0] === baseUrl;
}

function isInLowerCase(address: string): boolean {
  const unescaped = address.replace(escape, '');
  return unescaped === unescaped.toLowerCase();
}
