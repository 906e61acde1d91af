import type { CredentialSummary, SessionSummary } from '@zkp-auth/core';
import type {
  AddPasskeyOptions,
  CallOptions,
  Confirmation,
  DeviceLoss,
  ExportKeyBlobOptions,
  KeySlot,
  RevokeCredentialOptions,
  RevokedCredential,
  StopRecoveryOptions,
  UnlockWith,
} from './client-types.js';

/**
 * The methods of a client that a plain sign-in does not need. A page downloads their work at the first call of one of them.
 * They throw as all methods of the client.
 */
export interface ManagementMethods {
  /**
   * Change the PIN of this device's key. If the answer is lost, both PINs are kept, and the next `login` finds out
   * which PIN is valid. Its error says so.
   *
   * @param unlockWith the current PIN, or `{ passkey: true }` for a person who forgot it.
   * @throws as `login`, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; for `newPin` as `register`.
   */
  changePin(userId: string, unlockWith: UnlockWith, newPin: string, options?: CallOptions): Promise<void>;

  /**
   * Make a passkey that opens this device's key, beside its PIN. A fingerprint or the device's own code is enough from
   * then on. The credential stays the same. Call it from a click, because the browser prompts twice. The first prompt
   * makes the passkey, and the second checks that it opens the key.
   *
   * @throws as `login`, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; `PASSKEY_UNSUPPORTED` if the
   * browser or authenticator has no PRF, or gives another secret each time, and nothing has changed then;
   * `PASSKEY_CANCELLED`.
   */
  addPasskeyUnlock(userId: string, unlockWith: UnlockWith, options?: AddPasskeyOptions): Promise<KeySlot>;

  /**
   * The slots that open this device's key, oldest first.
   *
   * @throws `KEY_NOT_FOUND`, `KEY_EVICTED`, `REGISTRATION_UNFINISHED`.
   */
  listSlots(userId: string, options?: CallOptions): Promise<KeySlot[]>;

  /**
   * Remove one way to open this device's key. Copies of the record still have it. The browser is told of a passkey that no
   * slot here uses any more, and the authenticator deletes or hides it if it can. If somebody saw the PIN, use
   * {@link changePin} instead. If only passkeys would be left, the browser asks for one of them, and it has to open the
   * key first. So call it from a click.
   *
   * @throws `LAST_SLOT` if no other slot would open the key, or if the chosen passkey does not open it;
   * `PASSKEY_CANCELLED`, `PASSKEY_UNSUPPORTED`; `SLOT_NOT_FOUND`, and as {@link listSlots}. Nothing has changed then.
   */
  removeSlot(userId: string, slotId: string, options?: CallOptions): Promise<void>;

  /**
   * Forget a name's key on this device for good. Without a copy elsewhere nobody can sign in with it again. Its
   * passkeys are handled as by {@link removeSlot}.
   */
  removeLocalKey(userId: string, options?: CallOptions): Promise<void>;

  /**
   * The name's key as text, to keep elsewhere. Without a passphrase, the text is useless without the PIN and the
   * server, and can be retired at the server alone. With a passphrase, the passphrase alone opens it, for as long as
   * anybody has the text.
   *
   * @throws as `login`, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; `WEAK_PASSPHRASE` with the
   * reason; `TypeError` for a passkey without a passphrase.
   */
  exportKeyBlob(userId: string, unlockWith: UnlockWith, options?: ExportKeyBlobOptions): Promise<string>;

  /**
   * Confirm an action with a fresh proof. An endpoint behind `requireAuth(auth, { confirm })` requires it beside the
   * session. A stolen session cannot make one.
   *
   * @param action the name of the action at the endpoint.
   * @param payload the exact body that will be sent.
   * @throws as `login`, without `LOGIN_REJECTED`; `NO_SESSION`.
   *
   * @example
   * ```ts
   * const body = JSON.stringify({ to: 'bob', amount: 10 });
   * const { headers } = await client.confirm('transfer', body, pin);
   * await client.fetch('/api/transfer', { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body });
   * ```
   */
  confirm(
    action: string,
    payload: string | Uint8Array,
    unlockWith: UnlockWith,
    options?: CallOptions,
  ): Promise<Confirmation>;

  /** The first hundred sessions of the user on all devices, last used first. @throws `NO_SESSION`, `SESSION_ENDED`. */
  listSessions(options?: CallOptions): Promise<SessionSummary[]>;

  /** End one of the user's sessions, at once and for good. @throws `NO_SESSION`, `SESSION_ENDED`. */
  endSession(sessionId: string, options?: CallOptions): Promise<void>;

  /** End all of the user's sessions but this one. @throws `NO_SESSION`, `SESSION_ENDED`. */
  endOtherSessions(options?: CallOptions): Promise<void>;

  /** End all of the user's sessions, this one included. @throws `NO_SESSION`, `SESSION_ENDED`. */
  endAllSessions(options?: CallOptions): Promise<void>;

  /**
   * The devices of the account, recovery kits and devices that wait, oldest first. The twenty that ended last are among
   * them. `current` is this device.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`.
   */
  listCredentials(options?: CallOptions): Promise<CredentialSummary[]>;

  /**
   * Whether the person can lose this device, and still get back into the account. It asks the server. What it cannot find
   * out is an error.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`.
   */
  canLoseThisDevice(options?: CallOptions): Promise<DeviceLoss>;

  /**
   * Give a device of the account another name. The person confirms it on this device.
   *
   * @param name 1 to 64 characters.
   * @throws `CREDENTIAL_NOT_FOUND`; as {@link confirm}, with `SESSION_ENDED` and `CREDENTIAL_REVOKED`.
   */
  renameCredential(
    credentialId: string,
    name: string,
    unlockWith: UnlockWith,
    options?: CallOptions,
  ): Promise<void>;

  /**
   * Remove a device or a recovery kit from the account, for good. Its sessions end at once. The person confirms it on this
   * device. If it is this device, the session ends here, and this device forgets its key, as by {@link removeLocalKey}. That
   * comes after the server's answer.
   *
   * @returns the revoked credential, and what it had added. Offer to revoke that too.
   * @throws `LAST_CREDENTIAL` for the last device without a recovery kit, unless `evenTheLast` is set;
   * `CREDENTIAL_NOT_FOUND`; as {@link renameCredential}.
   */
  revokeCredential(
    credentialId: string,
    unlockWith: UnlockWith,
    options?: RevokeCredentialOptions,
  ): Promise<RevokedCredential>;

  /**
   * Give the locked PIN of another device of the account three more tries. The person confirms it on this device.
   *
   * @returns whether the PIN was locked.
   * @throws `RATE_LIMITED` after the second time in 24 hours; `CREDENTIAL_NOT_FOUND`; as {@link renameCredential}.
   */
  unlockPin(credentialId: string, unlockWith: UnlockWith, options?: CallOptions): Promise<boolean>;

  /**
   * End a device that waits for the end of its recovery, for good. The person confirms it on this device.
   *
   * @throws `CREDENTIAL_NOT_FOUND` for a device that does not wait; as {@link renameCredential}.
   */
  stopRecovery(credentialId: string, unlockWith: UnlockWith, options?: StopRecoveryOptions): Promise<void>;

  /**
   * Delete the account of the session, for good. The person confirms it on this device. The session ends, and this device
   * forgets its key, as by {@link removeLocalKey}. That comes after the server's answer. If the answer is lost, the client
   * tries a login, because only its refusal shows that the account is gone.
   *
   * @param userId the name of the session's user.
   * @throws `NO_SESSION`, also if another user is signed in; as {@link renameCredential}.
   */
  deleteAccount(userId: string, unlockWith: UnlockWith, options?: CallOptions): Promise<void>;
}
