import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRequestId, requestIdHeader } from '@zkp-auth/core';

const headerName = requestIdHeader.toLowerCase();

/** Repeat the request's id in its answer, a refusal included, so that the client knows the answer for its own. */
export function repeatRequestId({ headers }: IncomingMessage, res: ServerResponse): void {
  const id = headers[headerName];
  if (isRequestId(id)) res.setHeader(requestIdHeader, id);
}
