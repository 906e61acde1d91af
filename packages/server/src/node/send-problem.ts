import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { nodeHeaders } from './node-headers.js';
import { writeAnswer } from './write-answer.js';

/**
 * Refuse a request as the routes of the protocol do, from a middleware of your own before them: with the problem document
 * of an error and the request's id, without which a client does not take the answer for the server's. An error that is
 * none of this SDK's is 500 `INTERNAL_ERROR`; faults go to `auth.reportError` as well.
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
