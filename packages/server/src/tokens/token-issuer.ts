import type { StoredSession } from '../stores/session-store.js';

/** Who a valid access token speaks for. */
export interface ZkpUser {
  userId: string;
  /** The session's credential, 16 bytes in base64url. */
  credentialId: string;
  /** 32 bytes in base64url. */
  sessionId: string;
  /** RFC 7638 thumbprint of the key that the session is bound to, 32 bytes in base64url; `null` where it is to none. */
  sessionKey: string | null;
  /** When the proof was verified, milliseconds since 1970. */
  authTimeMs: number;
}

export interface IssuedToken {
  token: string;
  expiresInMs: number;
}

/** The one place that issues and reads access tokens. */
export interface TokenIssuer {
  /** A token of a live session, which it does not outlive. */
  issue(session: StoredSession): Promise<IssuedToken>;
  /** `null` for any token that is not valid now, whatever became of its session. Never throws for a bad token. */
  verify(token: string): Promise<ZkpUser | null>;
}
