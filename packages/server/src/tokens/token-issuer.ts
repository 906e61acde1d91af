import type { StoredSession } from '../stores/session-store.js';

/** The user and the session of a valid access token. */
export interface ZkpUser {
  userId: string;
  /** The session's credential, 16 bytes in base64url. */
  credentialId: string;
  /** 32 bytes in base64url. */
  sessionId: string;
  /**
   * RFC 7638 thumbprint of the key that the session is bound to, 32 bytes in base64url; `null` if it is not bound.
   */
  sessionKey: string | null;
  /** When the proof was verified, milliseconds since 1970. */
  authTimeMs: number;
}

export interface IssuedToken {
  token: string;
  expiresInMs: number;
}

/** Issues and verifies all access tokens. */
export interface TokenIssuer {
  /** A token of a live session. It expires with the session at the latest. */
  issue(session: StoredSession): Promise<IssuedToken>;
  /**
   * The user of a token; `null` if the token is not valid now. It does not look at the session. Never throws for a
   * bad token.
   */
  verify(token: string): Promise<ZkpUser | null>;
}
