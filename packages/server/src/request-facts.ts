/** The facts of a request beside its body. Headers are as they came, `undefined` if there was none. */
export interface RequestFacts {
  /** The `Origin` header. */
  origin?: string | undefined;
  /** The `Sec-Fetch-Site` header. */
  fetchSite?: string | undefined;
  /** In upper case. */
  method?: string | undefined;
  /** Path of the request's target, with or without a query: what `publicPathOf` takes. */
  path?: string | undefined;
  /** The `Authorization` header. */
  authorization?: string | undefined;
  /** The `DPoP` header. */
  dpop?: string | undefined;
  /** The `Cookie` header. */
  cookie?: string | undefined;
  /** The `ZKP-Confirmation` header. */
  confirmation?: string | undefined;
  /**
   * The client's IP address, as the application knows it. Leave it out if a proxy's address is all that is known: limits
   * would count everybody as one.
   */
  address?: string | undefined;
  /** The `User-Agent` header. */
  userAgent?: string | undefined;
  /** The `ZKP-Request-Id` header. */
  requestId?: string | undefined;
}
