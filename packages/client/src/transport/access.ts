/** An access token of this page. */
export interface Access {
  /** The session of the token. */
  sessionId: string;
  token: string;
  tokenType: 'Bearer' | 'DPoP';
  /** The time at which the token expires, by this device's clock at the token's arrival. */
  expiresAtMs: number;
}

/** The session key and the access token of a request. */
export interface Authority {
  keyPair: CryptoKeyPair;
  access: Access;
}
