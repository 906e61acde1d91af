/** Names and values of headers, in the order in which they are sent. `Set-Cookie` may come several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * The outcome of an operation, with the answer's body, if its route has one, and the headers of this answer alone.
 */
export interface Outcome<Body extends object | undefined> {
  body: Body;
  headers: HeaderList;
}

/** The outcome of an operation whose answer has no body, and no headers of its own. */
export const nothing: Outcome<undefined> = { body: undefined, headers: [] };
