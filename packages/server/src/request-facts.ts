/** The facts of a request beside its body. Headers are as they came, or `undefined` if absent. */
export interface RequestFacts {
  /** The `Origin` header. */
  origin?: string | undefined;
  /** The `Sec-Fetch-Site` header. */
  fetchSite?: string | undefined;
  /** In upper case. */
  method?: string | undefined;
  /** Path of the request's target, with or without a query. `publicPathOf` takes it. */
  path?: string | undefined;
  /** The `{linkId}` in the path of a link's route, 16 bytes in base64url. */
  linkId?: string | undefined;
  /** The `Authorization` header. */
  authorization?: string | undefined;
  /** The `DPoP` header. */
  dpop?: string | undefined;
  /** The `Cookie` header. */
  cookie?: string | undefined;
  /** The `ZKP-Confirmation` header. */
  confirmation?: string | undefined;
  /**
   * The client's IP address, as the application knows it. Leave it out if only a proxy's address is known, because
   * limits would count all clients as one.
   */
  address?: string | undefined;
  /** The `User-Agent` header. */
  userAgent?: string | undefined;
  /** The `ZKP-Request-Id` header. */
  requestId?: string | undefined;
}
