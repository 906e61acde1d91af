import { isZkpAuthError, type RouteShape, ZkpAuthError } from '@zkp-auth/core';
import type { Request, RequestHandler, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { repeatRequestId } from './repeat-request-id.js';
import { readJsonBody } from './read-json-body.js';
import { requestFacts } from './request-facts.js';
import { sendJson, sendNothing, sendProblem } from './send-json.js';

export interface OperationHandlerOptions {
  /**
   * Any Express middleware that limits rates. It runs before the body is read; it refuses by answering itself,
   * or by an error, passed to `next`, thrown or rejected with: a `ZkpAuthError('RATE_LIMITED')`, or anything
   * whose `status` is 429, becomes a 429 problem document.
   */
  rateLimitHook?: RequestHandler;
}

/** A route, and its operation on a parsed body, which gives the answer's body if it has one. */
export interface Operation {
  route: RouteShape;
  run: (body: unknown, facts: RequestFacts) => Promise<object | void>;
}

export function operationHandler(
  auth: ZkpAuth,
  { route, run }: Operation,
  { rateLimitHook }: OperationHandlerOptions,
): RequestHandler {
  const { method, status } = route;
  const handle = async (req: Request, res: Response): Promise<void> => {
    try {
      const body = method === 'POST' ? await readJsonBody(req) : undefined;
      const answer = await run(body, requestFacts(req, res));
      if (answer === undefined) sendNothing(res, status);
      else sendJson(res, status, answer);
    } catch (error) {
      sendProblem(auth, req, res, error);
    }
  };
  return (req, res) => {
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
