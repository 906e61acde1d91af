import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { Admission } from '../http/guard.js';
import { nodeGuard, type NodeGuardOptions } from './node-guard.js';
import { sendProblem } from './send-problem.js';
import { addHeaders } from './write-answer.js';

export type RequireAuthOptions = NodeGuardOptions<IncomingMessage>;

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
  options: RequireAuthOptions = {},
): (req: IncomingMessage, res: ServerResponse) => Promise<Admission | null> {
  const guard = nodeGuard<IncomingMessage>(auth, options, (req) => req);
  return async (req, res) => {
    try {
      const admission = await guard(req);
      addHeaders(res, admission.headers);
      return admission;
    } catch (error) {
      sendProblem(auth, req, res, error);
      return null;
    }
  };
}
