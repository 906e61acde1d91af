import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '../http/http-message.js';

/** The headers of a request of Node.js. */
export function nodeHeaders({ headers }: Pick<IncomingMessage, 'headers'>): Pick<HttpRequest, 'header'> {
  return {
    header: (name) => {
      const value = headers[name];
      // Node.js joins most headers that come several times. If such a header must have one value, it is invalid
      // then.
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}
