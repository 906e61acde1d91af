import type { IncomingMessage } from 'node:http';
import { peerAddress } from '../limits/peer-address.js';

/** How the application finds the client's address. */
export interface AddressOptions<Request> {
  /**
   * Gives the client's IP address, for limits and events. Pass `(req) => req.ip` if the framework's list of proxies
   * names yours. If it gives `undefined`, limits by address do not count the request. Default the address of the
   * connection's other end, but `undefined` if that is a local or private one, or a header says that a proxy
   * forwards.
   */
  address?: ((request: Request) => string | undefined) | undefined;
}

/**
 * @param rawOf gives Node's own request from the framework's.
 * @throws `TypeError` for an `address` that is no function.
 */
export function clientAddress<Request>(
  { address }: AddressOptions<Request>,
  rawOf: (request: Request) => Pick<IncomingMessage, 'socket' | 'headers'>,
): (request: Request) => string | undefined {
  if (address === undefined) return (request) => peerAddress(rawOf(request));
  if (typeof address === 'function') return address;
  throw new TypeError(
    'address: pass a function that gives the IP address of a request, such as (req) => req.ip',
  );
}
