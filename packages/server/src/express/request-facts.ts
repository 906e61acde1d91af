import { confirmationHeader } from '@zkp-auth/core';
import type { Request, Response } from 'express';
import type { RequestFacts } from '../engine.js';
import { peerAddress } from '../limits/peer-address.js';
import { requestIdOf } from '../node/repeat-request-id.js';

const confirmationName = confirmationHeader.toLowerCase();

/** How the application knows the client's address. */
export interface AddressOptions {
  /**
   * Gives the client's IP address, for limits and events, such as `(req) => req.ip` if Express's `trust proxy` names your
   * proxies. `undefined`: it is not known, and limits by address do not count the request. Default: the address of the
   * connection's other end, but `undefined` if that is a local or private one, or a header says that a proxy forwards.
   */
  address?: ((req: Request) => string | undefined) | undefined;
}

/** @throws `TypeError` for an `address` that is no function. */
export function checkedAddress({
  address = peerAddress,
}: AddressOptions): (req: Request) => string | undefined {
  if (typeof address === 'function') return address;
  throw new TypeError(
    'address: pass a function that gives the IP address of a request, such as (req) => req.ip',
  );
}

/**
 * What the operations are to know of a request, and where they put the headers of its answer.
 *
 * @param addressOf from {@link checkedAddress}.
 */
export function requestFacts(
  req: Request,
  res: Response,
  addressOf: (req: Request) => string | undefined,
): RequestFacts {
  const { headers } = req;
  return {
    origin: headers.origin,
    fetchSite: one(headers['sec-fetch-site']),
    method: req.method,
    path: req.originalUrl,
    authorization: headers.authorization,
    dpop: one(headers['dpop']),
    cookie: headers.cookie,
    confirmation: one(headers[confirmationName]),
    address: addressOf(req),
    userAgent: headers['user-agent'],
    requestId: requestIdOf(headers),
    setHeader: (name, value) => {
      // The application may set cookies of its own.
      if (name === 'Set-Cookie') res.appendHeader(name, value);
      else res.setHeader(name, value);
    },
  };
}

/** Node.js joins what is sent several times, so that a header that must be one value is none that is valid. */
function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
