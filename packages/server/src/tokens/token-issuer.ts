/** Who a valid access token speaks for. */
export interface ZkpUser {
  userId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  credentialId: string;
  sessionId: string;
  /** When the proof was verified, milliseconds since 1970. */
  authTimeMs: number;
}

export interface IssuedToken {
  token: string;
  tokenType: 'Bearer';
  expiresInMs: number;
}

/** What follows a good proof: the one place that issues and reads sessions. */
export interface TokenIssuer {
  issue(user: { userId: string; credentialId: string }): Promise<IssuedToken>;
  /** `null` for any token that is not valid now. Never throws for a bad token. */
  verify(token: string): Promise<ZkpUser | null>;
}
