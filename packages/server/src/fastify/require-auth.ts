import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest, RequestPayload, RouteShorthandOptions } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { Admission } from '../http/guard.js';
import { nodeGuard, type NodeGuardOptions } from '../node/node-guard.js';
import { addHeaders, sendProblem } from './send-answer.js';

export type RequireAuthOptions = NodeGuardOptions<FastifyRequest>;

/**
 * The options of a route that lets only requests with a valid access token of a live session through.
 * `userOf(request)` gives the person. With `confirm` the exact bytes of the body are confirmed before Fastify
 * parses them.
 *
 * @throws `TypeError` for an action that begins with `zkp-auth:`, for a `maxAgeMs` or `limitBytes` that is not an
 * integer, and for a `limitBytes` that the reader can never hold.
 *
 * @example
 * ```ts
 * app.get('/me', requireAuth(auth), async (request) => ({ userId: userOf(request).userId }));
 * app.post('/transfer', requireAuth(auth, { confirm: 'transfer' }), async (request) => transfer(request.body));
 * ```
 */
export function requireAuth(
  auth: ZkpAuth,
  options: RequireAuthOptions = {},
): Pick<RouteShorthandOptions, 'onRequest' | 'preParsing'> {
  const guard = nodeGuard<FastifyRequest>(auth, options, ({ raw }) => raw);
  /** `null` for a request that was refused. */
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<Admission | null> => {
    try {
      const admission = await guard(request);
      addHeaders(reply, admission.headers);
      return admission;
    } catch (error) {
      sendProblem(auth, request, reply, error);
      return null;
    }
  };
  // Only `done` lets a request through. Fastify goes on after a hook's promise, even if the hook's reply is not
  // sent yet because an `onSend` hook works on it or the client has gone.
  if (options.confirm === undefined) {
    return {
      onRequest: (request, reply, done) => {
        admit(request, reply).then((admission) => {
          if (admission !== null) done();
        }, done);
      },
    };
  }
  return {
    preParsing: (request, reply, _payload, done) => {
      admit(request, reply).then((admission) => {
        // Fastify parses exactly the bytes that were confirmed.
        if (admission !== null) done(null, streamOf(admission.payload as Uint8Array));
      }, done);
    },
  };
}

function streamOf(payload: Uint8Array): RequestPayload {
  const stream = Readable.from([Buffer.from(payload)], { objectMode: false });
  return Object.assign(stream, { receivedEncodedLength: payload.length });
}
