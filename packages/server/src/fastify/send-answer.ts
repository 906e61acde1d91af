import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { HttpAnswer } from '../http/http-message.js';
import type { HeaderList } from '../outcome.js';
import { nodeHeaders } from '../node/node-headers.js';
import { isRead } from '../node/write-answer.js';

/** Send an answer. To a text Fastify would add a charset. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  if (reply.sent) return reply;
  addHeaders(reply, headers);
  if (!isRead(reply.raw, status)) void reply.header('Connection', 'close');
  return reply.code(status).send(body === undefined ? undefined : Buffer.from(body));
}

/** Add headers to a reply. `Set-Cookie` is added to those that are there. */
export function addHeaders(reply: FastifyReply, headers: HeaderList): void {
  for (const [name, value] of headers) void reply.header(name, value);
}

/**
 * Refuse a request as the routes of the protocol do, from a hook of your own before them: with the problem document of an
 * error and the request's id, without which a client does not take the answer for the server's.
 */
export function sendProblem(
  auth: ZkpAuth,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  return sendAnswer(reply, auth.refuse(nodeHeaders(request.raw), error));
}
