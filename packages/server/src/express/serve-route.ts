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
   * An Express middleware that limits rates. It runs before the body is read. It refuses by its own answer, or by
   * an error that it passes to `next`, throws or rejects with. A `ZkpAuthError('RATE_LIMITED')`, or an error with
   * the `status` 429, becomes a 429 problem document.
   */
  rateLimitHook?: RequestHandler;
  /**
   * Reads the bodies. Default the reader that all handlers of this process share, with ten seconds for a body and
   * 32 MiB for all together.
   */
  bodyReader?: BodyReader;
}

/** Answers requests for a route, by these options. */
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
 * Resolves when the hook calls `next`, and rejects when it passes an error to `next`, throws or rejects. If the
 * hook answers itself, the promise stays pending, and nothing follows.
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
