import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isRequestId, requestIdHeader } from '@zkp-auth/core';

const headerName = requestIdHeader.toLowerCase();

/** The id that a client drew for its request, if it is one. */
export function requestIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = headers[headerName];
  return isRequestId(id) ? id : undefined;
}

/** Repeat the request's id in its answer, a refusal included, so that the client knows the answer for its own. */
export function repeatRequestId({ headers }: IncomingMessage, res: ServerResponse): void {
  const id = requestIdOf(headers);
  if (id !== undefined) res.setHeader(requestIdHeader, id);
}
