/** A route of the server, with its address below the base, its method, and the one status of its success. */
export interface RouteShape {
  readonly path: `/${string}`;
  readonly method: 'GET' | 'POST';
  /** A client takes no other status for a success. An answer with 204 has no body. */
  readonly status: 200 | 201 | 204;
  /** The action that each request confirms over the exact bytes of its body; `undefined` for none. */
  readonly action?: string | undefined;
}

/**
 * A route with its messages. A client writes the request with `format` and reads the answer with `parse`.
 * `undefined` stands for no body.
 */
export interface Route<Request, Answer> extends RouteShape {
  readonly format: (request: Request) => object | undefined;
  readonly parse: (body: unknown) => Answer;
}

/** For a message without a body. */
export function noBody(): undefined {
  return undefined;
}
