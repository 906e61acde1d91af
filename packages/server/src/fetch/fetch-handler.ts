import { checkedBasePath } from '../http/base-path.js';
import { waitForLimiter } from '../http/rate-limit.js';
import { authOf, type ZkpAuthSource } from './auth-source.js';
import { checkedAddress, fetchRequest, type FetchRequestOptions } from './fetch-request.js';
import { headersOf, respond } from './respond.js';

export interface FetchHandlerOptions extends FetchRequestOptions {
  /** The path of the client's `baseUrl`, without a slash at the end. Default `/auth`. */
  basePath?: string;
  /**
   * Limits rates, before the body is read. It refuses by its own `Response`, or by an error that it throws or
   * rejects with. An error with the `status` 429 becomes a 429 problem document.
   */
  rateLimitHook?: (request: Request) => unknown;
}

/**
 * The routes of the protocol for frameworks and runtimes with `Request` and `Response`, such as Hono, Next.js route
 * handlers, Bun, Deno, SvelteKit.
 *
 * @returns a handler. It gives `null` for any other path, which belongs to the application.
 * @throws `TypeError` for a `basePath` that is no path.
 *
 * @example
 * ```ts
 * const handle = fetchHandler(auth);
 * app.all('/auth/*', async (c) => (await handle(c.req.raw)) ?? c.notFound());
 * ```
 */
export function fetchHandler(
  auth: ZkpAuthSource,
  { basePath, rateLimitHook, bodyReader, ...options }: FetchHandlerOptions = {},
): (request: Request) => Promise<Response | null> {
  const pathBelow = checkedBasePath(basePath);
  const addressOf = checkedAddress(options);
  return async (request) => {
    const opened = await authOf(auth);
    const route = opened.match(pathBelow(new URL(request.url).pathname));
    if (route === undefined) return null;
    try {
      const own: unknown =
        rateLimitHook === undefined ? undefined : await waitForLimiter(() => rateLimitHook(request));
      if (isResponse(own)) return own;
      return respond(await route.answer(fetchRequest(request, { address: addressOf(request), bodyReader })));
    } catch (error) {
      return respond(opened.refuse(headersOf(request), error));
    }
  };
}

/** A framework may have put a `Response` of its own in the place of the global one. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Response || Object.prototype.toString.call(value) === '[object Response]';
}
