import { confirmationHeader, isRequestId, requestIdHeader } from '@zkp-auth/core';
import type { RequestFacts } from '../request-facts.js';
import type { HttpRequest } from './http-message.js';

const confirmationName = confirmationHeader.toLowerCase();
const requestIdName = requestIdHeader.toLowerCase();

/** The facts of a request that the operations work with. */
export function factsOf(request: HttpRequest): RequestFacts {
  return {
    origin: request.header('origin'),
    fetchSite: request.header('sec-fetch-site'),
    method: request.method,
    path: request.target,
    authorization: request.header('authorization'),
    dpop: request.header('dpop'),
    cookie: request.header('cookie'),
    confirmation: request.header(confirmationName),
    address: request.address,
    userAgent: request.header('user-agent'),
    requestId: requestIdOf(request),
  };
}

/** The id that a client drew for its request, or `undefined` if the header has none. */
export function requestIdOf(request: Pick<HttpRequest, 'header'>): string | undefined {
  const id = request.header(requestIdName);
  return isRequestId(id) ? id : undefined;
}
