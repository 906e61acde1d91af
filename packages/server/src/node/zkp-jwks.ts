import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { nodeHeaders } from './node-headers.js';
import { writeAnswer } from './write-answer.js';

/** The public keys that verify access tokens (RFC 7517), for services that verify them themselves. */
export function zkpJwks(auth: ZkpAuth): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => writeAnswer(res, auth.publishKeys({ ...nodeHeaders(req), method: req.method ?? '' }));
}
