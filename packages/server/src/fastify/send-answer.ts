import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { HttpAnswer } from '../http/http-message.js';
import type { HeaderList } from '../outcome.js';
import { nodeHeaders } from '../node/node-headers.js';
import { isRead } from '../node/write-answer.js';

/** Send an answer as bytes. Fastify would add a charset to a text. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  if (reply.sent) return reply;
  addHeaders(reply, headers);
  if (!isRead(reply.raw, status)) void reply.header('Connection', 'close');
  return reply.code(status).send(body === undefined ? undefined : Buffer.from(body));
}

/** Add headers to a reply. Earlier `Set-Cookie` headers stay. */
export function addHeaders(reply: FastifyReply, headers: HeaderList): void {
  for (const [name, value] of headers) void reply.header(name, value);
}

/**
 * Refuse a request as the routes of the protocol do, from your own hook before them. The answer has the problem
 * document of the error, and the request's id. Without that id a client does not accept the answer as the server's.
 */
export function sendProblem(
  auth: ZkpAuth,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  return sendAnswer(reply, auth.refuse(nodeHeaders(request.raw), error));
}
