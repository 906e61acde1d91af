/** Why the server refused. For its own records: none of it is told to the client. */
export type RefusalReason = 'challenge' | 'origin' | 'credential' | 'revoked' | 'proof';

/** Why it refused to enrol a PIN: the same, or a pinId that the challenge did not draw. */
export type EnrolmentRefusalReason = RefusalReason | 'pin';

/**
 * What happened, for an application's log or alarms. Holds no secret and no proof. Where a pinId is what was used,
 * `userId` and `credentialId` are those that enrolled it, whatever the request named.
 */
export type AuthEvent = { atMs: number; userId: string; credentialId: string } & (
  | { type: 'registered' }
  | { type: 'registration_rejected'; reason: EnrolmentRefusalReason | 'denied' | 'taken' }
  | { type: 'login_succeeded' }
  | { type: 'login_rejected'; reason: RefusalReason }
  | { type: 'pin_changed' }
  | { type: 'pin_change_rejected'; reason: EnrolmentRefusalReason }
  /** The last try was taken: the next is refused until some are granted. */
  | { type: 'pin_locked' }
  | { type: 'pin_unlocked'; pins: number }
  | { type: 'pin_retired' }
  /** Somebody used a retired pinId, as one does who copied the key record before it was replaced. */
  | { type: 'record_clone_suspected' }
  /** `credentialId` is the old key's. */
  | { type: 'key_rotated'; newCredentialId: string }
  | { type: 'key_rotation_rejected'; reason: EnrolmentRefusalReason | 'taken' }
  | { type: 'credential_revoked' }
);
