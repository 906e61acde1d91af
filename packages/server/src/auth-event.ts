import type { LimitName } from './limits/default-limits.js';
import type { CredentialKind } from './stores/credential-store.js';

/**
 * The reason of a refusal, for the server's own records. The client does not learn it, but for the device that was
 * revoked. `pending` and `recovery` are the kinds of credentials that do not sign in. `device` is a device in the place
 * of a recovery kit.
 */
export type RefusalReason =
  | 'challenge'
  | 'origin'
  | 'credential'
  | 'revoked'
  | 'recovery'
  | 'device'
  | 'pending'
  | 'suspended'
  | 'proof';

/** The reason of a refused enrolment of a PIN. `pin` is a pinId that the challenge did not draw. */
export type EnrolmentRefusalReason = RefusalReason | 'pin';

/**
 * The reason why a recovery kit was not made, or brought no device. `full`: the user has 32 credentials. `waiting`:
 * three devices wait for this kit.
 */
export type KitRefusalReason = EnrolmentRefusalReason | 'taken' | 'full' | 'waiting';

/** The reason why a token brought no device. `token`: it is unknown, used, withdrawn or expired, or of another user. */
export type EnrolRefusalReason = KitRefusalReason | 'token';

/** The reason of a refused offer to a link. `audience` is another than the link's, and `taken` came after another offer. */
export type LinkOfferRefusalReason = EnrolmentRefusalReason | 'audience' | 'taken';

/**
 * The reason of a refused approval of a link. `session` is a proof by another credential than the session's. `changed`
 * says that the link got an end meanwhile, `taken` that the new key is registered already, and `full` that the user has
 * too many credentials.
 */
export type LinkApprovalRefusalReason = RefusalReason | 'session' | 'changed' | 'taken' | 'full';

/** The reason of a refused confirmation. `session` is a proof by another credential than the session's. */
export type ConfirmationRefusalReason = RefusalReason | 'session';

/**
 * The reason why the server refused a DPoP proof.
 *
 * - `missing`: there is no header.
 * - `malformed`: the header holds no proof.
 * - `signature`: the key in the proof did not sign it.
 * - `method`, `origin`, `target`, `token`, `key`: the proof is for another method, for another origin than
 *   `audiences` has, for another path or another access token, or by another key than the session's.
 *
 * For a path, `expected` is the received one after `publicPathOf`, and `presented` is the path of the proof. Both
 * are without a query.
 */
export type DpopRefusal =
  | { reason: 'missing' | 'malformed' | 'signature' | 'token' | 'key' }
  | { reason: 'method' | 'origin' | 'target'; expected: string; presented: string };

/**
 * The value that the server refused.
 *
 * - `page`: the page's origin, which `origins` lacks.
 * - `api`: the API's origin, which `audiences` lacks.
 * - `origin_header`: the header `Origin`, which is not the page's origin.
 * - `fetch_site`: the header `Sec-Fetch-Site`.
 */
export interface OriginRefusal {
  reason: 'page' | 'api' | 'origin_header' | 'fetch_site';
  expected: string;
  presented: string;
}

/**
 * The reason why a session ended.
 *
 * - `signed_out`: its owner signed out.
 * - `ended`: its owner or an operator ended it.
 * - `credential_revoked`: its credential was revoked or replaced.
 * - `user_suspended`: its user was suspended.
 * - `reuse`: its refresh token was stolen.
 * - `expired`: its time was up, used or not.
 * - `replaced`: the same browser signed in again.
 * - `limit`: it was the least recently used session, and a new one would have exceeded `sessions.maxPerUser`.
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
 * An event for an application's log or alarms. It holds no secret and no proof. `expected` and `presented` are
 * visible ASCII of at most 256 characters. If a pinId was used, `userId` and `credentialId` are its owner's,
 * whatever the request named. If a session was used, they are the session's. `userId` is empty if the request names no
 * user, which a `rate_limited` of wrong codes of links does.
 */
export type AuthEvent = {
  atMs: number;
  userId: string;
  /** The request that caused it. It is absent for an operator's call, and for a request without known facts. */
  request?: EventRequest;
} & (
  | ({ credentialId: string } & CredentialEvent)
  /** All sessions of a user, of every credential. `except` is the session that does not end. */
  | { credentialId: null; type: 'sessions_ended'; except?: string }
  /** `auth.grantEnrolment` and `auth.withdrawEnrolment`. */
  | { credentialId: null; type: 'enrolment_granted'; grantId: string; expiresAtMs: number }
  | { credentialId: null; type: 'enrolment_withdrawn'; grantId: string }
  /** `auth.suspendUser` and `auth.resumeUser`. */
  | { credentialId: null; type: 'user_suspended' | 'user_resumed' }
  /**
   * A deletion is finished, and nothing of the user is left. All their sessions have ended. `by` is absent for an
   * operator's call, and if a crash came between.
   */
  | { credentialId: null; type: 'user_deleted'; by?: ActingSession }
);

/** The known facts of a request, texts from outside in printable ASCII of at most 256 characters. */
export interface EventRequest {
  /** The client's IP address, as the application knows it. */
  address?: string;
  /** The `User-Agent` header. */
  userAgent?: string;
  /** The id that the client drew for its request. */
  requestId?: string;
}

/** The session that a person used to change a credential, and the credential of that session. */
export interface ActingSession {
  sessionId: string;
  credentialId: string;
}

/** A change of a credential, with what a notice to its owner would say. `by` is absent if no session did it. */
interface ChangeOfCredential {
  /** The name of the credential's device, which the person chose, or `null`. */
  deviceName: string | null;
  by?: ActingSession;
}

type CredentialEvent =
  | { type: 'registered' }
  | { type: 'registration_rejected'; reason: EnrolmentRefusalReason | 'denied' | 'taken' | 'hook' }
  /** Comes with each `INVALID_DPOP_PROOF`. A missing or old nonce is no event, because the client sends again. */
  | ({ type: 'dpop_rejected' } & DpopRefusal)
  /** Comes before each event that has the reason `origin`, and says which origin. */
  | ({ type: 'origin_rejected' } & OriginRefusal)
  /** A limit was exceeded. Comes with each `RATE_LIMITED` of the `limits`. */
  | { type: 'rate_limited'; limit: LimitName }
  | { type: 'login_succeeded' }
  | { type: 'login_rejected'; reason: RefusalReason | 'denied' }
  | { type: 'session_started'; sessionId: string }
  | { type: 'session_ended'; sessionId: string; reason: SessionEnd }
  /**
   * More than sixteen sessions ended at once, for one reason. `count` leaves out the part of a surplus over a
   * hundred.
   */
  | { type: 'sessions_ended'; reason: SessionEnd; count: number }
  /** Somebody else used a refresh token of the session, or used one too late. The session has ended. */
  | { type: 'refresh_reuse_detected'; sessionId: string }
  | { type: 'confirmed'; action: string }
  | { type: 'confirmation_rejected'; action: string; reason: ConfirmationRefusalReason }
  /** A key was opened for a change, or somebody claimed so. */
  | { type: 'key_opened' }
  | { type: 'key_opening_rejected'; reason: RefusalReason }
  | { type: 'pin_changed' }
  | { type: 'pin_change_rejected'; reason: EnrolmentRefusalReason }
  /** The last try was taken. The next one is refused until an operator grants tries. */
  | { type: 'pin_locked' }
  /** `deviceName` and `by` are there if another device of the user unlocked it. */
  | ({ type: 'pin_unlocked'; pins: number } & Partial<ChangeOfCredential>)
  /** Tries were given back late. Their owner had opened the key, and an answer was lost on its way. */
  | { type: 'pin_tries_returned'; tries: number }
  | { type: 'pin_retired' }
  /** Somebody used a retired pinId. A person who copied the key record before it was replaced does that. */
  | { type: 'record_clone_suspected' }
  /** `credentialId` belongs to the old key. */
  | { type: 'key_rotated'; newCredentialId: string }
  | { type: 'key_rotation_rejected'; reason: EnrolmentRefusalReason | 'taken' }
  /** `requestedCredentialId` is the credential that the call named, if it had been replaced. */
  | ({
      type: 'credential_revoked';
      requestedCredentialId?: string;
      kind: CredentialKind;
    } & ChangeOfCredential)
  /** `credentialId` and `deviceName` are of the device that made the kit. A former kit has an event of its own. */
  | { type: 'recovery_kit_made'; kitId: string; deviceName: string | null }
  | { type: 'recovery_kit_rejected'; reason: KitRefusalReason }
  /**
   * A kit brought a device. Tell its owner at once, by means that a thief of the kit does not have. `pendingUntilMs` is
   * the time until which any other device can stop it, and `null` if it signs in at once.
   */
  | { type: 'device_recovered'; kitId: string; deviceName: string | null; pendingUntilMs: number | null }
  /** `credentialId` is the one that the proof was for, a kit or a device that asks for its state. */
  | { type: 'recovery_rejected'; reason: KitRefusalReason }
  /** A token of `auth.grantEnrolment` brought a device. Tell its owner, as of `device_recovered`. */
  | { type: 'device_enrolled'; grantId: string; deviceName: string | null; pendingUntilMs: number | null }
  | { type: 'enrolment_rejected'; reason: EnrolRefusalReason }
  /** A device of the user ended one that waited. If the kit ended too, that is another event. */
  | { type: 'recovery_stopped'; deviceName: string | null; by: ActingSession }
  /** `deviceName` is the new name. */
  | ({ type: 'credential_renamed'; formerName: string | null } & ChangeOfCredential)
  /** The last way in was to be revoked, and the call did not say `evenTheLast`. */
  | { type: 'credential_revocation_rejected'; reason: 'last'; by: ActingSession }
  | LinkEvent
  /**
   * A user got a further credential, by a link, a kit or a token, or got a kit. Comes after the event of that act.
   * `addedBy` is the credential that authorised it, and `null` if the application did.
   */
  | ({ type: 'credential_added'; kind: CredentialKind; addedBy: string | null } & ChangeOfCredential);

/** Links of new devices. `credentialId` is the credential that opened the link. No proof covers `deviceName`. */
type LinkEvent = { linkId: string } & (
  | { type: 'link_opened'; by: ActingSession }
  | { type: 'link_offered'; newCredentialId: string; deviceName: string | null }
  | { type: 'link_offer_rejected'; newCredentialId: string; reason: LinkOfferRefusalReason }
  | { type: 'link_approved'; newCredentialId: string; deviceName: string | null; by: ActingSession }
  | { type: 'link_approval_rejected'; newCredentialId: string; reason: LinkApprovalRefusalReason }
  /** Without `newCredentialId`, no device had offered a key. */
  | { type: 'link_rejected'; newCredentialId?: string; deviceName?: string | null; by: ActingSession }
);
