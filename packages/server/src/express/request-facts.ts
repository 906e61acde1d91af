import { confirmationHeader } from '@zkp-auth/core';
import type { Request, Response } from 'express';
import type { RequestFacts } from '../engine.js';

const confirmationName = confirmationHeader.toLowerCase();

/** What the operations are to know of a request, and where they put the headers of its answer. */
export function requestFacts(req: Request, res: Response): RequestFacts {
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
