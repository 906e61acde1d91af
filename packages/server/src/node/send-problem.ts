import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { nodeHeaders } from './node-headers.js';
import { writeAnswer } from './write-answer.js';

/**
 * Refuse a request as the routes of the protocol do, from your own middleware before them. The answer has the
 * problem document of an error, and the request's id. Without that id a client does not accept the answer as the
 * server's. An error that is not of this SDK is 500 `INTERNAL_ERROR`. Faults go to `auth.reportError` too.
 *
 * @example
 * ```ts
 * app.use('/auth/register', (req, res, next) =>
 *   isInvited(req) ? next() : sendProblem(auth, req, res, new ZkpAuthError('REGISTRATION_DENIED')),
 * );
 * ```
 */
export function sendProblem(auth: ZkpAuth, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  writeAnswer(res, auth.refuse(nodeHeaders(req), error));
}
