/** A route of the server: its address below the base, its method, and the one status of its success. */
export interface RouteShape {
  readonly path: `/${string}`;
  readonly method: 'GET' | 'POST';
  /** A client takes no other status for a success. 204 has no body. */
  readonly status: 200 | 201 | 204;
}

/** The same with its messages: how a client writes the request, and reads the answer. `undefined` stands for no body. */
export interface Route<Request, Answer> extends RouteShape {
  readonly format: (request: Request) => object | undefined;
  readonly parse: (body: unknown) => Answer;
}

/** Writes, or reads, no body. */
export function noBody(): undefined {
  return undefined;
}
