import type { Request, RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { type ConfirmOptions as Confirm, guardDemands } from '../http/confirm-demand.js';
import { type GuardOptions, mountFirst } from '../http/guard.js';
import { keepAdmission } from '../http/admitted-requests.js';
import { type BodyReader, sharedBodyReader } from '../node/body-reader.js';
import { type AddressOptions, clientAddress } from '../node/client-address.js';
import { nodeRequest } from '../node/node-request.js';
import { sendProblem } from '../node/send-problem.js';
import { addHeaders } from '../node/write-answer.js';
import type { ZkpUser } from '../tokens/token-issuer.js';

declare global {
  namespace Express {
    interface Request {
      /** The person of the access token, set by `requireAuth`. `userOf(req)` gives it without `undefined`. */
      zkpUser?: ZkpUser;
    }
  }
}

export interface ConfirmOptions extends Confirm<Request> {
  /** Reads the bodies. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

export interface RequireAuthOptions extends Omit<GuardOptions, 'confirm'>, AddressOptions<Request> {
  /**
   * Ask for a fresh proof over this action and the exact bytes of the body, which the guard reads itself. It leaves
   * the body in `req.body`, parsed if it is JSON, else as a `Buffer`. A refusal is `CONFIRMATION_REQUIRED` or
   * `CONFIRMATION_REJECTED`.
   */
  confirm?: string | ConfirmOptions;
}

/**
 * Let only requests with a valid access token of a live session through. `userOf(req)` gives the person. The
 * refusals are
 *
 * - 401 `UNAUTHENTICATED` without such a token,
 * - 401 `INVALID_DPOP_PROOF` or `DPOP_NONCE_REQUIRED` if a proof by the session's key is missing or not valid,
 * - 403 as the options say,
 * - 503 `STORE_UNAVAILABLE`,
 * - with `confirm`, for a body that the routes would refuse too, 400, 408, 413, 415 or 503 `SERVER_BUSY`.
 *
 * @throws `TypeError` for an action that begins with `zkp-auth:`, for a `maxAgeMs` or `limitBytes` that is not an
 * integer, and for a `limitBytes` that the reader can never hold.
 *
 * @example
 * ```ts
 * app.get('/me', requireAuth(auth), (req, res) => res.json({ userId: userOf(req).userId }));
 * app.post('/transfer', requireAuth(auth, { confirm: 'transfer' }), (req, res) => transfer(req.body));
 * ```
 */
export function requireAuth(auth: ZkpAuth, { address, ...options }: RequireAuthOptions = {}): RequestHandler {
  const addressOf = clientAddress<Request>({ address }, (req) => req);
  const { confirm } = options;
  const { bodyReader = sharedBodyReader } = typeof confirm === 'object' ? confirm : {};
  const demandsOf = guardDemands<Request>(options, bodyReader);
  const admit = async (req: Request, demands: GuardOptions): Promise<void> => {
    const request = nodeRequest(req, { address: addressOf(req), bodyReader });
    const admission = await auth.guard(request, demands);
    if (req.res !== undefined) addHeaders(req.res, admission.headers);
    if (confirm !== undefined) req.body = admission.body;
    req.zkpUser = admission.user;
    keepAdmission(req, admission);
  };
  return (req, res, next) => {
    if (confirm !== undefined && (req.readableDidRead || req.readableEnded)) throw new TypeError(mountFirst);
    admit(req, demandsOf(req)).then(
      () => next(),
      (error: unknown) => sendProblem(auth, req, res, error),
    );
  };
}
