import { guardDemands, type RouteGuardOptions } from '../http/confirm-demand.js';
import type { Admission } from '../http/guard.js';
import { sharedBodyReader } from '../node/body-reader.js';
import { authOf, type ZkpAuthSource } from './auth-source.js';
import { checkedAddress, fetchRequest, type FetchRequestOptions } from './fetch-request.js';
import { headersOf, respond } from './respond.js';

export interface RequireAuthOptions extends RouteGuardOptions<Request>, FetchRequestOptions {}

/**
 * Let only requests with a valid access token of a live session through.
 *
 * @returns a guard that calls `answer` with the person and the confirmed body, or refuses the request.
 * @throws `TypeError` for an action that begins with `zkp-auth:`, for a `maxAgeMs` or `limitBytes` that is not an integer,
 * and for a `limitBytes` that the reader can never hold.
 *
 * @example
 * ```ts
 * const guard = requireAuth(auth);
 * app.get('/me', (c) => guard(c.req.raw, ({ user }) => c.json({ userId: user.userId })));
 * ```
 */
export function requireAuth(
  auth: ZkpAuthSource,
  { address, bodyReader = sharedBodyReader, ...options }: RequireAuthOptions = {},
): (request: Request, answer: (admission: Admission) => Response | Promise<Response>) => Promise<Response> {
  const addressOf = checkedAddress({ address });
  const demandsOf = guardDemands<Request>(options, bodyReader);
  return async (request, answer) => {
    const opened = await authOf(auth);
    let admission: Admission;
    try {
      const asked = fetchRequest(request, { address: addressOf(request), bodyReader });
      admission = await opened.guard(asked, demandsOf(request));
    } catch (error) {
      return respond(opened.refuse(headersOf(request), error));
    }
    return withHeaders(await answer(admission), admission.headers);
  };
}

/** The headers of some responses, such as redirects, cannot be changed. Then the response is copied. */
function withHeaders(response: Response, headers: Admission['headers']): Response {
  try {
    for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  } catch {
    const copied = new Response(response.body, response);
    for (const [name, value] of headers) copied.headers.set(name, value);
    return copied;
  }
}
