import { isRequestId, requestIdHeader } from '@zkp-auth/core';
import type { Request, Response } from 'express';

const headerName = requestIdHeader.toLowerCase();

/** Repeat the request's id in its answer, a refusal included, so that the client knows the answer for its own. */
export function repeatRequestId({ headers }: Request, res: Response): void {
  const id = headers[headerName];
  if (isRequestId(id)) res.setHeader(requestIdHeader, id);
}
