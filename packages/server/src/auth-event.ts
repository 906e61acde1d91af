import type { LimitName } from './limits/default-limits.js';

/** Why the server refused. For its own records: none of it is told to the client. */
export type RefusalReason = 'challenge' | 'origin' | 'credential' | 'revoked' | 'suspended' | 'proof';

/** Why it refused to enrol a PIN: the same, or a pinId that the challenge did not draw. */
export type EnrolmentRefusalReason = RefusalReason | 'pin';

/** Why it refused a confirmation: the same, or a proof by another credential than the session's. */
export type ConfirmationRefusalReason = RefusalReason | 'session';

/**
 * Why the server refused a DPoP proof. The header is missing, or holds no proof; the key in the proof did not sign it; or
 * the proof is for another method, another origin than `audiences` has, another path, another access token, or by another
 * key than the session's. Of a path, `expected` is the received one after `publicPathOf`, and `presented` is that of the
 * proof, both without a query.
 */
export type DpopRefusal =
  | { reason: 'missing' | 'malformed' | 'signature' | 'token' | 'key' }
  | { reason: 'method' | 'origin' | 'target'; expected: string; presented: string };

/**
 * Which value the server refused: the page's origin, which `origins` lacks; the API's, which `audiences` lacks; the header
 * `Origin`, which is not the page's origin; or the header `Sec-Fetch-Site`.
 */
export interface OriginRefusal {
  reason: 'page' | 'api' | 'origin_header' | 'fetch_site';
  expected: string;
  presented: string;
}

/**
 * Why a session ended: its owner signed out; its owner or an operator ended it; its credential was revoked or
 * replaced; its user was suspended; its refresh token was stolen; its time was up, used or not; the same browser has
 * signed in again; it was the least recently used one, and a new one would have been one too many
 * (`sessions.maxPerUser`).
 */
export type SessionEnd =
  | 'signed_out'
  | 'ended'
  | 'credential_revoked'
  | 'user_suspended'
  | 'reuse'
  | 'expired'
  | 'replaced'
  | 'limit';

/**
 * What happened, for an application's log or alarms. Holds no secret and no proof. `expected` and `presented` are visible
 * ASCII of at most 256 characters. Where a pinId is what was used, `userId` and `credentialId` are those that enrolled
 * it, whatever the request named. Where a session is what was used, they are the session's.
 */
export type AuthEvent = {
  atMs: number;
  userId: string;
  /** The request that caused it. An operator's call has none, and neither has a request of which nothing is known. */
  request?: EventRequest;
} & (
  | ({ credentialId: string } & CredentialEvent)
  /** All sessions of a user, whichever the credential; `except` is the one that goes on. */
  | { credentialId: null; type: 'sessions_ended'; except?: string }
  /** `auth.suspendUser` and `auth.resumeUser`. */
  | { credentialId: null; type: 'user_suspended' | 'user_resumed' }
);

/** What is known of a request: texts from outside, in printable ASCII of at most 256 characters. */
export interface EventRequest {
  /** The client's IP address, as the application knows it. */
  address?: string;
  /** The `User-Agent` header. */
  userAgent?: string;
  /** The id that the client drew for its request. */
  requestId?: string;
}

type CredentialEvent =
  | { type: 'registered' }
  | { type: 'registration_rejected'; reason: EnrolmentRefusalReason | 'denied' | 'taken' }
  /** Comes with each `INVALID_DPOP_PROOF`. A nonce that is missing or old is no event: the client sends again. */
  | ({ type: 'dpop_rejected' } & DpopRefusal)
  /** Comes before each event that has the reason `origin`, and says which origin. */
  | ({ type: 'origin_rejected' } & OriginRefusal)
  /** There was one use too many of a limit. Comes with each `RATE_LIMITED` of the `limits`. */
  | { type: 'rate_limited'; limit: LimitName }
  | { type: 'login_succeeded' }
  | { type: 'login_rejected'; reason: RefusalReason }
  | { type: 'session_started'; sessionId: string }
  | { type: 'session_ended'; sessionId: string; reason: SessionEnd }
  /** More than sixteen ended at once, for one reason. Of a surplus over a hundred, `count` leaves out the rest. */
  | { type: 'sessions_ended'; reason: SessionEnd; count: number }
  /** Somebody else used a refresh token of the session, or used one too late. The session has ended. */
  | { type: 'refresh_reuse_detected'; sessionId: string }
  | { type: 'confirmed'; action: string }
  | { type: 'confirmation_rejected'; action: string; reason: ConfirmationRefusalReason }
  /** A key was opened to be changed, or somebody claimed so. */
  | { type: 'key_opened' }
  | { type: 'key_opening_rejected'; reason: RefusalReason }
  | { type: 'pin_changed' }
  | { type: 'pin_change_rejected'; reason: EnrolmentRefusalReason }
  /** The last try was taken: the next is refused until some are granted. */
  | { type: 'pin_locked' }
  | { type: 'pin_unlocked'; pins: number }
  /** Tries were given back late: their owner had opened the key, and an answer was lost on its way. */
  | { type: 'pin_tries_returned'; tries: number }
  | { type: 'pin_retired' }
  /** Somebody used a retired pinId, as one does who copied the key record before it was replaced. */
  | { type: 'record_clone_suspected' }
  /** `credentialId` is the old key's. */
  | { type: 'key_rotated'; newCredentialId: string }
  | { type: 'key_rotation_rejected'; reason: EnrolmentRefusalReason | 'taken' }
  /** `requestedCredentialId` is the one that the operator named, if it had been replaced. */
  | { type: 'credential_revoked'; requestedCredentialId?: string };
