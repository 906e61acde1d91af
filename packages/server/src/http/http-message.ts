import type { HeaderList } from '../outcome.js';

/** A request as an adapter hands it over, free of any web framework. */
export interface HttpRequest {
  /** In upper case. */
  method: string;
  /** The target as it was received: path and query. `publicPathOf` takes it. */
  target: string;
  /** The value of a header, by its name in lower case. Several of one name are joined by `, `. */
  header(name: string): string | undefined;
  /**
   * The bytes of the body as they were sent, as a `Uint8Array`. Called once at most. If the application has parsed the body
   * before, the parsed JSON. Rejects with `PAYLOAD_TOO_LARGE` for more than `limitBytes`, `BODY_TIMEOUT`, `SERVER_BUSY`, or
   * `INVALID_BODY` for a body that was cut short.
   */
  body(limitBytes: number): Promise<unknown>;
  /** The client's IP address, if the application knows it. See `RequestFacts`. */
  address?: string | undefined;
}

/** An answer as an adapter sends it. */
export interface HttpAnswer {
  status: number;
  /** `Content-Length` is the adapter's. */
  headers: HeaderList;
  /** `undefined` for an answer without a body. */
  body: string | undefined;
}
