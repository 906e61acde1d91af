import type { HeaderList } from '../outcome.js';

/** A request as an adapter passes it, free of any web framework. */
export interface HttpRequest {
  /** In upper case. */
  method: string;
  /** The target as it was received, with path and query. `publicPathOf` takes it. */
  target: string;
  /** The value of a header, by its name in lower case. Several of one name are joined by `, `. */
  header(name: string): string | undefined;
  /**
   * The bytes of the body as they were sent, as a `Uint8Array`. If the application has parsed the body before, it
   * is the parsed JSON. It is called once at most. It rejects with `PAYLOAD_TOO_LARGE` for more than `limitBytes`,
   * `BODY_TIMEOUT`, `SERVER_BUSY`, or `INVALID_BODY` for a body that was cut short.
   */
  body(limitBytes: number): Promise<unknown>;
  /** The client's IP address, if the application knows it. See `RequestFacts`. */
  address?: string | undefined;
}

/** An answer as an adapter sends it. */
export interface HttpAnswer {
  status: number;
  /** Without `Content-Length`, which the adapter sets. */
  headers: HeaderList;
  /** `undefined` for an answer without a body. */
  body: string | undefined;
}
