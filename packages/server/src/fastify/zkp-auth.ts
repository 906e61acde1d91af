import { ZkpAuthError } from '@zkp-auth/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { Route } from '../http/match-route.js';
import { checkedBasePath } from '../http/base-path.js';
import { waitForLimiter } from '../http/rate-limit.js';
import type { BodyReader } from '../node/body-reader.js';
import { type AddressOptions, clientAddress } from '../node/client-address.js';
import { nodeRequest } from '../node/node-request.js';
import { sendAnswer, sendProblem } from './send-answer.js';

export interface ZkpAuthPluginOptions extends AddressOptions<FastifyRequest> {
  /** From `openZkpAuth` or `createZkpAuth`. */
  auth: ZkpAuth;
  /**
   * Limits rates, before the body is read. It refuses by its own reply, which it returns as every Fastify hook
   * does, or by an error that it throws or rejects with. An error with the `status` 429 becomes a 429 problem
   * document.
   */
  rateLimitHook?: (request: FastifyRequest, reply: FastifyReply) => unknown;
  /** Reads the bodies. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

/**
 * The routes of the protocol as a Fastify plugin. Give it the path of the client's `baseUrl` as `prefix`. It reads
 * bodies itself. Any other path under the prefix belongs to the application.
 *
 * @throws `TypeError` for a `prefix` that is no path, such as one with a parameter.
 *
 * @example
 * ```ts
 * app.register(zkpAuth, { prefix: '/auth', auth });
 * ```
 */
export async function zkpAuth(
  app: FastifyInstance,
  { auth, rateLimitHook, bodyReader, ...options }: ZkpAuthPluginOptions,
): Promise<void> {
  const pathBelow = checkedBasePath(app.prefix.replace(/\/$/, ''), 'prefix');
  const addressOf = clientAddress(options, ({ raw }: FastifyRequest) => raw);
  // No parser reads a body before the routes do.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const routeOf = ({ raw }: FastifyRequest): Route | undefined => auth.match(pathBelow(raw.url ?? ''));
  // Fastify refuses a malformed content type before the route sees the request. Every other error is for the
  // application.
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || routeOf(request) === undefined) throw error;
    return sendProblem(auth, request, reply, new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE'));
  });
  app.all('/*', async (request, reply) => {
    const route = routeOf(request);
    if (route === undefined) return reply.callNotFound();
    try {
      if (rateLimitHook !== undefined) await waitForLimiter(() => rateLimitHook(request, reply));
      // The hook has sent its own reply, or the client went away during it.
      if (reply.sent || reply.raw.destroyed) return reply;
      const answer = route.answer(nodeRequest(request.raw, { address: addressOf(request), bodyReader }));
      return sendAnswer(reply, answer instanceof Promise ? await answer : answer);
    } catch (error) {
      return sendProblem(auth, request, reply, error);
    }
  });
}
