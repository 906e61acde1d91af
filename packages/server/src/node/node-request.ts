import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '../http/http-message.js';
import { type BodyReader, sharedBodyReader } from './body-reader.js';
import { nodeHeaders } from './node-headers.js';

/** A request of Node.js, or of a framework over it that keeps the original target and its own parsed body. */
export type NodeRequest = IncomingMessage & { originalUrl?: string; body?: unknown };

/** The facts about a request of Node.js that are not in its headers. */
export interface NodeRequestOptions {
  /** The client's IP address, if it is known. */
  address: string | undefined;
  /** Reads the body. Default the reader that all handlers of this process share. */
  bodyReader?: BodyReader | undefined;
}

/** A request of Node.js in the form of `http/`. */
export function nodeRequest(
  req: NodeRequest,
  { address, bodyReader = sharedBodyReader }: NodeRequestOptions,
): HttpRequest {
  return {
    ...nodeHeaders(req),
    method: req.method ?? '',
    target: req.originalUrl ?? req.url ?? '',
    address,
    body: async (limitBytes) => (req.readableEnded ? req.body : bodyReader.read(req, limitBytes)),
  };
}
