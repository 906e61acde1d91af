import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkedBasePath } from '../http/base-path.js';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { waitForLimiter } from '../http/rate-limit.js';
import type { BodyReader } from './body-reader.js';
import { type AddressOptions, clientAddress } from './client-address.js';
import { nodeRequest } from './node-request.js';
import { sendProblem } from './send-problem.js';
import { writeAnswer } from './write-answer.js';

export interface NodeHandlerOptions extends AddressOptions<IncomingMessage> {
  /** The path of the client's `baseUrl`, without a slash at the end. Default `/auth`. */
  basePath?: string;
  /**
   * Limits rates, before the body is read. It refuses by its own answer, by `false` if that is sent later, or by an
   * error that it throws or rejects with. An error with the `status` 429 becomes a 429 problem document.
   */
  rateLimitHook?: (req: IncomingMessage, res: ServerResponse) => unknown;
  /** Reads the bodies. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

/**
 * The routes of the protocol for a server of `node:http`.
 *
 * @returns a handler. It gives `false` for any other path, which belongs to the application.
 * @throws `TypeError` for a `basePath` that is no path, and for an `address` that is no function.
 *
 * @example
 * ```ts
 * const handle = zkpAuth(auth);
 * createServer((req, res) => handle(req, res) || app(req, res));
 * ```
 */
export function zkpAuth(
  auth: ZkpAuth,
  { basePath, rateLimitHook, bodyReader, ...options }: NodeHandlerOptions = {},
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const pathBelow = checkedBasePath(basePath);
  const addressOf = clientAddress(options, (req: IncomingMessage) => req);
  const answerRoute = async (
    route: NonNullable<ReturnType<ZkpAuth['match']>>,
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<void> => {
    try {
      if (rateLimitHook !== undefined) {
        const verdict: unknown = await waitForLimiter(() => rateLimitHook(req, res));
        if (verdict === false || res.headersSent || res.destroyed) return;
      }
      const answer = route.answer(nodeRequest(req, { address: addressOf(req), bodyReader }));
      writeAnswer(res, answer instanceof Promise ? await answer : answer);
    } catch (error) {
      sendProblem(auth, req, res, error);
    }
  };
  return (req, res) => {
    const route = auth.match(pathBelow(req.url ?? ''));
    if (route === undefined) return false;
    void answerRoute(route, req, res);
    return true;
  };
}
