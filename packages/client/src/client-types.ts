import type { Argon2idParameters, Outcome, SessionResponse } from '@zkp-auth/core';
import type { PinPolicy } from './pins/pin-policy.js';
import type { EndedSession, SessionEndReason, SessionInfo } from './sessions/session-record.js';
import type { LocalSlot } from './storage/local-key.js';
import type { KeyStorage } from './vault/key-storage.js';

export interface ZkpAuthClientOptions {
  /** Where the server's router is mounted: a path such as `/auth`, or a full URL. */
  baseUrl: string;
  /** Where keys are kept; default IndexedDB, opened in a worker. */
  storage?: KeyStorage;
  /** Outside browsers: the origin to prove for. In a page it is the page's own and cannot be chosen. */
  origin?: string;
  /**
   * What every request goes through, those of {@link ZkpAuthClient.fetch} included; default the global `fetch`, as it is at
   * the time. It has to send what it is given as it is. The browser loads the client's own scripts without it.
   */
  fetch?: typeof fetch;
  /** Cost of the PIN for new slots; default 64 MiB, three passes, one lane; `m * t` at most 2097152. Only without `storage`. */
  argon2?: Argon2idParameters;
  /**
   * Where the page's origin serves `vault-worker.js` of this very version; default beside the client's own code, as a
   * bundler puts it there. Resolved against the document's base address. It becomes script, so it must not come
   * from user input. Only `http:` and `https:`, and only without `storage`.
   */
  workerUrl?: string | URL;
  /**
   * Whether a PIN opens the key only with the server's help, which makes guessing it offline impossible; default
   * true. Turn it off only for a server that was made with `pinAssistance: false`.
   */
  pinAssistance?: boolean;
  /** What a new PIN must be; default at least 6 characters, none of the common ones. */
  pinPolicy?: PinPolicy;
  /** How long one request may take, in milliseconds; default 30 000. */
  timeoutMs?: number;
  /**
   * Whether cookies go along to a server of another origin than the page's, default `same-origin`. `include` is for a
   * page and an API of one site, such as `app.example.com` and `api.example.com`, whose server allows credentials
   * by CORS.
   */
  credentials?: 'same-origin' | 'include';
  /** Origins that {@link ZkpAuthClient.fetch} may send the access token to, beside the page's and the server's. */
  apiOrigins?: readonly string[];
  /**
   * Told where work after a call failed, such as renewing a PIN slot. It is tried again at the next login. Told by a
   * `TypeError` after a sign-in whose cookie the browser does not keep, because `credentials` is not `include`.
   */
  onBackgroundError?: (error: unknown) => void;
}

/** What a call is busy with: opening the key, computing the proof, waiting for the server. */
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
  | 'end-sessions';

/** What opens the key: its PIN, or a passkey that {@link ZkpAuthClient.addPasskeyUnlock} added. */
export type UnlockWith = string | { passkey: true };

export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told of each phase as it begins. */
  onPhase?: (phase: Phase) => void;
  /**
   * Told once, if the call fails, whether it has done what it was for: the `outcome` of its error. An abort has one too, and
   * its reason cannot carry it.
   */
  onOutcome?: (outcome: Outcome) => void;
}

export interface RegisterOptions extends CallOptions {
  /** What the person will see this device as, 1 to 64 characters. */
  deviceName?: string;
}

export interface LoginOptions extends CallOptions {
  /**
   * What the list of sessions calls this sign-in, 1 to 64 characters; default the `deviceName` that was given to
   * {@link ZkpAuthClient.importKeyBlob} on this device, else that of the registration.
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
  /** Refuse a blob of anybody else. A first-generation blob names nobody: then it is needed. */
  userId?: string;
  /** Let go of a different key of the same name; without it that is `KEY_CONFLICT`. */
  replace?: boolean;
  /** Of a blob that was exported with one. */
  passphrase?: string;
  /** The PIN that this device keeps the key under; default the one that opened the blob. */
  newPin?: string;
  /**
   * What the list of sessions calls sign-ins on this device, 1 to 64 characters; kept here beside the key. Default what an
   * earlier import here said, else the name of the registration.
   */
  deviceName?: string;
}

/** A session as the server granted it. */
export interface Session extends Omit<SessionResponse, 'refreshToken'> {
  /**
   * Tries at the PIN of this device's key, or of a copy of it, that no good proof followed since it was last renewed, as
   * the server counts them: wrong PINs, one's own included. 0 after a passkey, and from a server that does not say.
   */
  failedPinTries: number;
}

export interface RegisterResult {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** `null` where the server issues none at registration: call `login`. */
  session: Session | null;
}

/** What to send along with the very payload that was confirmed: it counts once, and for a minute. */
export interface Confirmation {
  headers: Record<string, string>;
}

/** One way to open this device's key. */
export interface KeySlot {
  id: string;
  kind: LocalSlot['kind'];
  /** Whether it opens with the server's help only. */
  assisted: boolean;
}

/** What the client is doing. A new object for each change, the same one until then. */
export interface ClientSnapshot {
  readonly operation: Operation | null;
  readonly userId: string | null;
  readonly phase: Phase | null;
  /**
   * Who is signed in. `null`: nobody is. `undefined`: this page does not know yet. A sign-in, another tab, or
   * {@link ZkpAuthClient.getSession} says so.
   */
  readonly session: SessionInfo | null | undefined;
  /**
   * The session that stood in this browser last, if it ended without a sign-out here: the server has ended it, or the
   * browser was killed before it had its cookie on disk. `null` before {@link ZkpAuthClient.getSession} has looked, and after the next sign-in or sign-out.
   */
  readonly endedSession: EndedSession | null;
  /**
   * Why the session that stood in this browser last has ended, the same in all its tabs. `replaced` stands beside the session
   * that took its place. `undefined` if none has ended, if nobody can tell, and after the next sign-in. After a reload it is
   * known when {@link ZkpAuthClient.getSession} has looked, except for `signed-out` and `replaced`.
   */
  readonly endedBecause?: SessionEndReason | undefined;
}
