/** An access token, as this page holds it. */
export interface Access {
  /** Whose token it is. */
  sessionId: string;
  token: string;
  tokenType: 'Bearer' | 'DPoP';
  /** By this device's clock, as it was when the token came. */
  expiresAtMs: number;
}

/** With which session's key, and under which access token, a request is made. */
export interface Authority {
  keyPair: CryptoKeyPair;
  access: Access;
}
