import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { guardDemands, type RouteGuardOptions } from '../http/confirm-demand.js';
import { keepAdmission } from '../http/admitted-requests.js';
import { type BodyReader, sharedBodyReader } from '../node/body-reader.js';
import { type AddressOptions, clientAddress } from '../node/client-address.js';
import { nodeRequest } from '../node/node-request.js';
import { addHeaders, sendProblem } from './send-answer.js';

export interface RequireAuthOptions
  extends RouteGuardOptions<FastifyRequest>, AddressOptions<FastifyRequest> {
  /** Reads a body that is confirmed; default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

/**
 * The options of a route that lets only requests with a valid access token of a live session through; `userOf(request)`
 * gives the person. With `confirm` the exact bytes of the body are confirmed before Fastify parses them.
 *
 * @throws `TypeError` for an action that begins with `zkp-auth:`, and for a `maxAgeMs` or `limitBytes` that is not an
 * integer.
 *
 * @example
 * ```ts
 * app.get('/me', requireAuth(auth), async (request) => ({ userId: userOf(request).userId }));
 * app.post('/transfer', requireAuth(auth, { confirm: 'transfer' }), async (request) => transfer(request.body));
 * ```
 */
export function requireAuth(
  auth: ZkpAuth,
  { address, bodyReader = sharedBodyReader, ...options }: RequireAuthOptions = {},
): Pick<RouteShorthandOptions, 'onRequest' | 'preParsing'> {
  const addressOf = clientAddress({ address }, ({ raw }: FastifyRequest) => raw);
  const demandsOf = guardDemands<FastifyRequest>(options);
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<Uint8Array | undefined> => {
    try {
      const asked = nodeRequest(request.raw, { address: addressOf(request), bodyReader });
      const admission = await auth.guard(asked, demandsOf(request));
      addHeaders(reply, admission.headers);
      keepAdmission(request, admission);
      return admission.payload;
    } catch (error) {
      sendProblem(auth, request, reply, error);
      return undefined;
    }
  };
  if (options.confirm === undefined) {
    return {
      onRequest: async (request, reply) => {
        await admit(request, reply);
        return reply.sent ? reply : undefined;
      },
    };
  }
  return {
    preParsing: async (request, reply) => {
      const payload = await admit(request, reply);
      if (payload === undefined) return reply as never;
      // Fastify parses the very bytes that were confirmed.
      return Object.assign(Readable.from([Buffer.from(payload)], { objectMode: false }), {
        receivedEncodedLength: payload.length,
      });
    },
  };
}
