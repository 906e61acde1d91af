import type { Request, RequestHandler, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { checkedInteger } from '../checked-integer.js';
import { sendProblem } from '../node/send-json.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { confirmGuard, type ConfirmOptions } from './confirm-guard.js';
import { type AddressOptions, checkedAddress, requestFacts } from './request-facts.js';

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireAuth`: who the access token speaks for. */
      zkpUser?: ZkpUser;
    }
  }
}

export interface RequireAuthOptions extends AddressOptions {
  /**
   * Accept a token until it expires, without looking its session up: one that has ended is accepted for as long.
   * Default false: refused at once.
   */
  stateless?: boolean;
  /** How long ago the sign-in may be, in milliseconds; default any time. Refused with `REAUTHENTICATION_REQUIRED`. */
  maxAgeMs?: number;
  /**
   * Ask for a fresh proof over this action and the exact bytes of the body, which the guard reads itself and leaves in
   * `req.body`: parsed where it is JSON, else a `Buffer`. Refused with `CONFIRMATION_REQUIRED` or
   * `CONFIRMATION_REJECTED`.
   */
  confirm?: string | ConfirmOptions;
}

/**
 * Let only requests with a valid access token of a live session through, and say in `req.zkpUser` whose it is.
 * Without one the answer is 401 `UNAUTHENTICATED`; 401 `INVALID_DPOP_PROOF` or `DPOP_NONCE_REQUIRED` where a proof by the
 * session's key is missing or not good; 403 as the options say; 503 `STORE_UNAVAILABLE`. With `confirm` a body is
 * refused as the routes refuse theirs: 400, 408, 413, 415 or 503 `SERVER_BUSY`.
 *
 * @throws `TypeError` for an action that begins with `zkp-auth:`, and for a `maxAgeMs` or `limitBytes` that is not an
 * integer.
 *
 * @example
 * ```ts
 * app.get('/me', requireAuth(auth), (req, res) => res.json({ userId: req.zkpUser?.userId }));
 * app.post('/transfer', requireAuth(auth, { confirm: 'transfer' }), (req, res) => transfer(req.body));
 * ```
 */
export function requireAuth(
  auth: ZkpAuth,
  { confirm, address, ...options }: RequireAuthOptions = {},
): RequestHandler {
  if (options.maxAgeMs !== undefined) checkedInteger('maxAgeMs', options.maxAgeMs, 0);
  const addressOf = checkedAddress({ address });
  const guard = confirm === undefined ? null : confirmGuard(auth, confirm);
  const authenticate = async (req: Request, res: Response, action: string | undefined): Promise<void> => {
    const facts = requestFacts(req, res, addressOf);
    const isConfirmed = action !== undefined && facts.confirmation !== undefined;
    const user = await auth.authenticate(facts, { ...options, ...(isConfirmed ? { dpop: 'if-bound' } : {}) });
    if (action !== undefined) await guard?.confirm(req, { action, user, facts });
    req.zkpUser = user;
  };
  return (req, res, next) => {
    const action = guard?.prepare(req);
    authenticate(req, res, action).then(
      () => next(),
      (error: unknown) => sendProblem(auth, req, res, error),
    );
  };
}
