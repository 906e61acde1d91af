import type { Argon2idParameters, Outcome, RevokeCredentialResponse, SessionResponse } from '@zkp-auth/core';
import type { PinPolicy } from './pins/pin-policy.js';
import type { EndedSession, SessionEndReason, SessionInfo } from './sessions/session-record.js';
import type { LocalSlot } from './storage/local-key.js';
import type { KeyStorage } from './vault/key-storage.js';

export interface ZkpAuthClientOptions {
  /** The address of the server's router, as a path such as `/auth` or a full URL. */
  baseUrl: string;
  /** The storage of the keys; default IndexedDB, opened in a worker. */
  storage?: KeyStorage;
  /** The origin of proofs, outside browsers. In a page it is the page's own, and cannot be chosen. */
  origin?: string;
  /**
   * The function that sends every request, those of {@link ZkpAuthClient.fetch} included; default the global `fetch` at
   * the time of the request. It must send the request unchanged. The browser loads the client's own scripts without it.
   */
  fetch?: typeof fetch;
  /**
   * Cost of the PIN for new slots; default 64 MiB, three passes, one lane. `m * t` is at most 2097152. Only without
   * `storage`.
   */
  argon2?: Argon2idParameters;
  /**
   * The address under which the page's origin serves `vault-worker.js` of this very version; default beside the
   * client's own code, to which a bundler copies it. It is resolved against the document's base address. The browser
   * runs it as script, so it must not come from user input. Only `http:` and `https:`, and only without `storage`.
   */
  workerUrl?: string | URL;
  /**
   * Whether a PIN opens the key only with the server's help, which makes offline guesses impossible; default true. Turn
   * it off only for a server that was made with `pinAssistance: false`.
   */
  pinAssistance?: boolean;
  /** The requirements for a new PIN; default at least 6 characters, and no common PIN. */
  pinPolicy?: PinPolicy;
  /** The longest time of one request, in milliseconds; default 30 000. */
  timeoutMs?: number;
  /**
   * Whether cookies go to a server whose origin differs from the page's; default `same-origin`. `include` is for a page
   * and an API of one site, such as `app.example.com` and `api.example.com`, if the server allows credentials by CORS.
   */
  credentials?: 'same-origin' | 'include';
  /**
   * Further origins to which {@link ZkpAuthClient.fetch} may send the access token, beside the page's and the server's.
   */
  apiOrigins?: readonly string[];
  /**
   * Called when work after a call failed, such as the renewal of a PIN slot. The next login tries it again. Called with
   * a `TypeError` after a sign-in whose cookie the browser does not keep, because `credentials` is not `include`.
   */
  onBackgroundError?: (error: unknown) => void;
}

/** The step in which a call is, which is opening the key, computing the proof or waiting for the server. */
export type Phase = 'unlocking' | 'proving' | 'contacting';

export type Operation =
  | 'register'
  | 'login'
  | 'change-pin'
  | 'add-passkey'
  | 'remove-slot'
  | 'export'
  | 'import'
  | 'remove'
  | 'confirm'
  | 'sign-out'
  | 'end-sessions'
  | 'rename'
  | 'revoke'
  | 'unlock-pin'
  | 'stop-recovery'
  | 'delete-account';

/** The secret that opens the key. It is the PIN, or a passkey that {@link ZkpAuthClient.addPasskeyUnlock} added. */
export type UnlockWith = string | { passkey: true };

export interface CallOptions {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with each phase as it begins. */
  onPhase?: (phase: Phase) => void;
  /**
   * Called once if the call fails, with the `outcome` of its error. It also tells the outcome of an abort, because the
   * signal's reason cannot carry one.
   */
  onOutcome?: (outcome: Outcome) => void;
}

export interface RegisterOptions extends CallOptions {
  /** The name of this device for the person, 1 to 64 characters. */
  deviceName?: string;
}

export interface LoginOptions extends CallOptions {
  /**
   * The name of this sign-in in the list of sessions, 1 to 64 characters; default the `deviceName` of
   * {@link ZkpAuthClient.importKeyBlob} on this device, else the name of the registration.
   */
  deviceName?: string;
}

export interface AddPasskeyOptions extends CallOptions {
  /** The site's name in the browser's prompt; default its host. */
  siteName?: string;
}

export interface ExportKeyBlobOptions extends CallOptions {
  /** Make the blob open under this passphrase alone, without the PIN and the server. It must be strong. */
  passphrase?: string;
}

export interface ImportKeyBlobOptions extends CallOptions {
  /** Refuse a blob of any other user. A first-generation blob contains no user, and so requires this option. */
  userId?: string;
  /** Delete a different key of the same name. Without it, such a key is `KEY_CONFLICT`. */
  replace?: boolean;
  /** The passphrase of a blob that was exported with one. */
  passphrase?: string;
  /** The PIN under which this device keeps the key; default the PIN that opened the blob. */
  newPin?: string;
  /**
   * The name of this device's sign-ins in the list of sessions, 1 to 64 characters. It is kept beside the key; default the
   * name of an earlier import here, else the name of the registration.
   */
  deviceName?: string;
}

export interface RevokeCredentialOptions extends CallOptions {
  /** Revoke the last device of the account also if there is no recovery kit. Nobody signs in to the account again then. */
  evenTheLast?: boolean;
}

export interface StopRecoveryOptions extends CallOptions {
  /** Revoke the recovery kit that brought the device, and all devices that wait for that kit. Default `false`. */
  revokeKit?: boolean;
}

/** A credential that was revoked, and the ids of the live and pending credentials that it had added. */
export interface RevokedCredential extends RevokeCredentialResponse {}

/** Whether a person can lose this device, and still get back into the account. */
export interface DeviceLoss {
  /** Whether there is another device or a recovery kit. */
  answer: boolean;
  /** The number of other devices that sign in. A device that waits, or whose PIN is locked, does not count. */
  otherDevices: number;
  recoveryKit: boolean;
}

/** A session in the form in which the server granted it. */
export interface Session extends Omit<SessionResponse, 'refreshToken'> {
  /**
   * How many PIN tries the server counted for this key, or for a copy of it, since its PIN slot was last renewed. Tries
   * that a valid proof followed are not counted. The person's own typing errors are. 0 after a passkey, and from a server
   * that does not tell the number.
   */
  failedPinTries: number;
}

export interface RegisterResult {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /**
   * `null` if the server starts no session at registration. Then call `login`. Its `waysBack` says that there is no
   * way back yet. It is absent if a login settled a registration whose answer was lost.
   * {@link ZkpAuthClient.canLoseThisDevice} says the same at any time.
   */
  session: Session | null;
}

/** The headers for the very payload that was confirmed. They are valid once, and for a minute. */
export interface Confirmation {
  headers: Record<string, string>;
}

/** One way to open this device's key. */
export interface KeySlot {
  id: string;
  kind: LocalSlot['kind'];
  /** Whether it opens only with the server's help. */
  assisted: boolean;
}

/** The current state of the client. Each change gives a new object, and the object stays the same until then. */
export interface ClientSnapshot {
  readonly operation: Operation | null;
  readonly userId: string | null;
  readonly phase: Phase | null;
  /**
   * The current session. `null` says that nobody is signed in. `undefined` says that this page does not know yet. It
   * knows after a sign-in, a message of another tab, or {@link ZkpAuthClient.getSession}.
   */
  readonly session: SessionInfo | null | undefined;
  /**
   * The last session of this browser, if it ended without a sign-out here. Either the server has ended it, or the
   * browser was killed before its cookie was on disk. `null` before {@link ZkpAuthClient.getSession} has looked, and after the next sign-in or
   * sign-out.
   */
  readonly endedSession: EndedSession | null;
  /**
   * Why the session that stood in this browser last has ended, the same in all its tabs. `replaced` stands beside the session
   * that took its place. `undefined` if none has ended, if nobody can tell, and after the next sign-in. After a reload it is
   * known when {@link ZkpAuthClient.getSession} has looked, except for `signed-out` and `replaced`.
   */
  readonly endedBecause?: SessionEndReason | undefined;
}
