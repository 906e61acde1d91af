/** Why the server refused. For its own records: none of it is told to the client. */
export type RefusalReason = 'challenge' | 'origin' | 'credential' | 'revoked' | 'proof';

/** What happened, for an application's log or alarms. Holds no secret and no proof. */
export type AuthEvent = { atMs: number; userId: string; credentialId: string } & (
  | { type: 'registered' }
  | { type: 'registration_rejected'; reason: RefusalReason | 'denied' | 'taken' }
  | { type: 'login_succeeded' }
  | { type: 'login_rejected'; reason: RefusalReason }
  | { type: 'credential_revoked' }
);
