import { isZkpAuthError, type RouteShape, ZkpAuthError } from '@zkp-auth/core';
import type { Request, RequestHandler, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { type BodyReader, sharedBodyReader } from '../node/body-reader.js';
import { readJsonBody } from '../node/read-json-body.js';
import { repeatRequestId } from '../node/repeat-request-id.js';
import { sendJson, sendNothing, sendProblem } from '../node/send-json.js';
import { inRouter, isOwnAddress } from './own-address.js';
import { type AddressOptions, checkedAddress, requestFacts } from './request-facts.js';

export interface OperationHandlerOptions extends AddressOptions {
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

/** Set by the router, which has looked at the address itself. */
export interface RoutedOptions extends OperationHandlerOptions {
  [inRouter]?: boolean;
}

/** A route, and its operation on a parsed body, which gives the answer's body if it has one. */
export interface Operation {
  route: RouteShape;
  run: (body: unknown, facts: RequestFacts) => Promise<object | void>;
}

export function operationHandler(
  auth: ZkpAuth,
  { route, run }: Operation,
  { rateLimitHook, bodyReader = sharedBodyReader, [inRouter]: isRouted = false, ...options }: RoutedOptions,
): RequestHandler {
  const { method, status } = route;
  const addressOf = checkedAddress(options);
  const handle = async (req: Request, res: Response): Promise<void> => {
    try {
      const body = method === 'POST' ? await readJsonBody(req, bodyReader) : undefined;
      const answer = await run(body, requestFacts(req, res, addressOf));
      if (answer === undefined) sendNothing(res, status);
      else sendJson(res, status, answer);
    } catch (error) {
      sendProblem(auth, req, res, error);
    }
  };
  return (req, res, next) => {
    if (!isRouted && !isOwnAddress(req)) return next();
    repeatRequestId(req, res);
    if (req.method !== method) {
      res.setHeader('Allow', method);
      sendProblem(auth, req, res, new ZkpAuthError('METHOD_NOT_ALLOWED'));
    } else if (rateLimitHook === undefined) {
      void handle(req, res);
    } else {
      runHook(rateLimitHook, req, res).then(
        () => handle(req, res),
        (error: unknown) => sendProblem(auth, req, res, error),
      );
    }
  };
}

/**
 * Resolves when the hook calls `next`, and rejects when it passes an error there, throws or rejects. A hook that
 * answers itself leaves it pending, and that is the end.
 */
async function runHook(hook: RequestHandler, req: Request, res: Response): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const next = (error?: unknown): void => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      };
      Promise.resolve(hook(req, res, next)).catch(reject);
    });
  } catch (error) {
    throw isTooMany(error) ? new ZkpAuthError('RATE_LIMITED', undefined, { cause: error }) : error;
  }
}

/** What limiters outside this SDK fail with: an error with the status 429. */
function isTooMany(error: unknown): boolean {
  return !isZkpAuthError(error) && (error as { status?: unknown } | null)?.status === 429;
}
