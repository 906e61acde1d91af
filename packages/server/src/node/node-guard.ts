import type { IncomingMessage } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { keepAdmission } from '../http/admitted-requests.js';
import { guardDemands, type RouteGuardOptions } from '../http/confirm-demand.js';
import type { Admission } from '../http/guard.js';
import { type BodyReader, sharedBodyReader } from './body-reader.js';
import { type AddressOptions, clientAddress } from './client-address.js';
import { nodeRequest } from './node-request.js';

/** The demands of a guarded route over Node.js. */
export interface NodeGuardOptions<Request> extends RouteGuardOptions<Request>, AddressOptions<Request> {
  /** Reads a body that is confirmed. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

/**
 * Check the options of a guarded route at start.
 *
 * @param rawOf gives Node's own request from the framework's.
 * @returns a guard that gives the admission of a request, or rejects to refuse it.
 * @throws `TypeError` as {@link guardDemands} does, and for an `address` that is no function.
 */
export function nodeGuard<Request extends object>(
  auth: ZkpAuth,
  { address, bodyReader = sharedBodyReader, ...options }: NodeGuardOptions<Request>,
  rawOf: (request: Request) => IncomingMessage,
): (request: Request) => Promise<Admission> {
  const addressOf = clientAddress({ address }, rawOf);
  const demandsOf = guardDemands(options, bodyReader);
  return async (request) => {
    const asked = nodeRequest(rawOf(request), { address: addressOf(request), bodyReader });
    const admission = await auth.guard(asked, demandsOf(request));
    keepAdmission(request, admission);
    return admission;
  };
}
