import type { Request, RequestHandler, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { Route } from '../http/match-route.js';
import { waitForLimiter } from '../http/rate-limit.js';
import type { BodyReader } from '../node/body-reader.js';
import { type AddressOptions, clientAddress } from '../node/client-address.js';
import { nodeRequest } from '../node/node-request.js';
import { writeAnswer } from '../node/write-answer.js';
import { sendProblem } from '../node/send-problem.js';

export interface OperationHandlerOptions extends AddressOptions<Request> {
  /**
   * Any Express middleware that limits rates. It runs before the body is read; it refuses by answering itself,
   * or by an error, passed to `next`, thrown or rejected with: a `ZkpAuthError('RATE_LIMITED')`, or anything
   * whose `status` is 429, becomes a 429 problem document.
   */
  rateLimitHook?: RequestHandler;
  /**
   * Reads the bodies; default the reader that all handlers of this process share: ten seconds for a body, 32 MiB for
   * all together.
   */
  bodyReader?: BodyReader;
}

/** Answers requests for a route, as these options say. */
export function routeServer(
  auth: ZkpAuth,
  { rateLimitHook, bodyReader, ...options }: OperationHandlerOptions,
): (route: Route, req: Request, res: Response) => void {
  const addressOf = clientAddress(options, (req) => req);
  const serve = async (route: Route, req: Request, res: Response): Promise<void> => {
    try {
      if (rateLimitHook !== undefined) await waitForLimiter(() => runHook(rateLimitHook, req, res));
      const answer = route.answer(nodeRequest(req, { address: addressOf(req), bodyReader }));
      writeAnswer(res, answer instanceof Promise ? await answer : answer);
    } catch (error) {
      sendProblem(auth, req, res, error);
    }
  };
  return (route, req, res) => void serve(route, req, res);
}

/**
 * Resolves when the hook calls `next`, and rejects when it passes an error there, throws or rejects. A hook that
 * answers itself leaves it pending, and that is the end.
 */
function runHook(hook: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const next = (error?: unknown): void => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    Promise.resolve(hook(req, res, next)).catch(reject);
  });
}
