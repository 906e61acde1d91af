import type { HttpAnswer } from '../http/http-message.js';
import { authOf, type ZkpAuthSource } from './auth-source.js';

/** The answer as a `Response`. */
export function respond({ status, headers, body }: HttpAnswer): Response {
  return new Response(body ?? null, { status, headers: headers.map(([name, value]) => [name, value]) });
}

/** The headers of a `Request`, in the form of `http/`. */
export function headersOf({ headers }: Request): { header: (name: string) => string | undefined } {
  return { header: (name) => headers.get(name) ?? undefined };
}

/**
 * The response that refuses a request as the routes of the protocol do. It has the problem document of an error,
 * and the request's id. Without that id a client does not accept the answer as the server's.
 */
export async function refuse(auth: ZkpAuthSource, request: Request, error: unknown): Promise<Response> {
  return respond((await authOf(auth)).refuse(headersOf(request), error));
}
