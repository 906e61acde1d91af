import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { guardDemands, type RouteGuardOptions } from '../http/confirm-demand.js';
import type { Admission } from '../http/guard.js';
import { keepAdmission } from '../http/admitted-requests.js';
import { type BodyReader, sharedBodyReader } from './body-reader.js';
import { type AddressOptions, clientAddress } from './client-address.js';
import { nodeRequest } from './node-request.js';
import { sendProblem } from './send-problem.js';
import { addHeaders } from './write-answer.js';

export interface RequireAuthOptions
  extends RouteGuardOptions<IncomingMessage>, AddressOptions<IncomingMessage> {
  /** Reads a body that is confirmed; default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

/**
 * Let only requests with a valid access token of a live session through.
 *
 * @returns a guard that gives the person and the confirmed body, or `null` if it has refused the request.
 * @throws `TypeError` for an action that begins with `zkp-auth:`, for a `maxAgeMs` or `limitBytes` that is not an integer,
 * and for a `limitBytes` that the reader can never hold.
 *
 * @example
 * ```ts
 * const guard = requireAuth(auth);
 * const admitted = await guard(req, res);
 * if (admitted !== null) res.end(admitted.user.userId);
 * ```
 */
export function requireAuth(
  auth: ZkpAuth,
  { address, bodyReader = sharedBodyReader, ...options }: RequireAuthOptions = {},
): (req: IncomingMessage, res: ServerResponse) => Promise<Admission | null> {
  const addressOf = clientAddress<IncomingMessage>({ address }, (req) => req);
  const demandsOf = guardDemands<IncomingMessage>(options, bodyReader);
  return async (req, res) => {
    try {
      const request = nodeRequest(req, { address: addressOf(req), bodyReader });
      const admission = await auth.guard(request, demandsOf(req));
      addHeaders(res, admission.headers);
      keepAdmission(req, admission);
      return admission;
    } catch (error) {
      sendProblem(auth, req, res, error);
      return null;
    }
  };
}
