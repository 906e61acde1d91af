import type { HttpRequest } from '../http/http-message.js';
import { type BodyReader, sharedBodyReader } from '../node/body-reader.js';
import { headersOf } from './respond.js';

/** How the application finds the client's address. */
export interface FetchRequestOptions {
  /**
   * Gives the client's IP address, for limits and events. A `Request` does not contain it. The default gives
   * `undefined`, and then limits by address do not count the request.
   */
  address?: ((request: Request) => string | undefined) | undefined;
  /** Reads the bodies. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader | undefined;
}

/** @throws `TypeError` for an `address` that is no function. */
export function checkedAddress({
  address = () => undefined,
}: FetchRequestOptions): (request: Request) => string | undefined {
  if (typeof address === 'function') return address;
  throw new TypeError('address: pass a function that gives the IP address of a request');
}

/** A `Request` in the form of `http/`. */
export function fetchRequest(
  request: Request,
  {
    address,
    bodyReader = sharedBodyReader,
  }: { address: string | undefined; bodyReader?: BodyReader | undefined },
): HttpRequest {
  const { pathname, search } = new URL(request.url);
  return {
    ...headersOf(request),
    method: request.method,
    target: pathname + search,
    address,
    body: (limitBytes) => bodyReader.readStream(request, limitBytes),
  };
}
