import type { AuthEvent } from './auth-event.js';
import type { RequestFacts } from './request-facts.js';
import type { KeyRing } from './keys/key-ring.js';
import type { LimitOptions } from './limits/limit-options.js';
import type { NameReservation } from './name-reservation.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
import type { SessionOptions } from './sessions/session-policy.js';
import type { ChallengeStore } from './stores/challenge-store.js';
import type { CredentialStore } from './stores/credential-store.js';
import type { LinkStore } from './stores/link-store.js';
import type { SessionStore } from './stores/session-store.js';

export interface ZkpAuthOptions {
  /** Origins of the pages that may sign in, such as `https://app.example`. `http:` on loopback only. */
  origins: readonly string[];
  /** Origins under which clients reach this API. Default `origins`. */
  audiences?: readonly string[];
  stores: {
    challenges: ChallengeStore;
    credentials: CredentialStore;
    sessions: SessionStore;
    /**
     * Links of new devices. Default the `linkStore()` of `credentials`. A credential store without one serves no links,
     * and answers their routes with `LINKING_UNSUPPORTED`. `approve` has to create the credential in `credentials`.
     */
    links?: LinkStore;
  };
  /** From {@link openKeyFile} or {@link openKeyRing}, or {@link generateSigningKeys} in tests. */
  keys: KeyRing;
  /**
   * From {@link openPinAssistance}. The server then has a share in every guess at a PIN, and counts the guesses.
   * With `false` a thief of a key record guesses its PIN offline.
   */
  pinAssistance: PinAssistance | false;
  /** Lifetime, transport and binding of sessions. */
  sessions?: SessionOptions;
  /** The tokens' `iss` and `aud`. Default the first audience. */
  issuer?: string;
  /** Lifetime of a challenge in milliseconds. Default 60 000. */
  challengeTtlMs?: number;
  /** Lifetime of an access token in milliseconds. Default 600 000, at most the `tokenTtlMs` of `keys`. */
  accessTokenTtlMs?: number;
  /** Whether a registration answers with a session as a login does. Default true. */
  sessionOnRegister?: boolean;
  /**
   * Recovery by a kit. `delayMs` is how long a recovered device waits before it can sign in, in milliseconds, at most 30
   * days. Any live device, and you, can stop it before. Default 0.
   */
  recovery?: { delayMs?: number };
  /** The same for a device that a token of `grantEnrolment` brings. Default 0. */
  enrolment?: { delayMs?: number };
  /**
   * How long nobody may register the name of a deleted user, unless `deleteUser` says otherwise. `true` is for ever.
   * `false` is the shortest time, which is 24 hours or the longest lifetime of an access token. `forMs` is a time in
   * milliseconds, at least the shortest. Default `true`.
   */
  reserveDeletedNames?: NameReservation;
  /** Called after the proof and before creation. Anything but `true` refuses with `REGISTRATION_DENIED`. */
  authorizeRegistration?: AuthorizeRegistration;
  /**
   * Called in the step that creates a user, and awaited for two seconds at most. If it rejects or is too late, nobody is
   * registered. It must not use the network. Default none.
   */
  afterRegistration?: AfterRegistration;
  /**
   * Called after a login's proof and before its session. Anything but `true` refuses with `LOGIN_DENIED`. A refresh does
   * not ask it. Default: every login is allowed.
   */
  authorizeLogin?: AuthorizeLogin;
  /**
   * Further claims of each access token, at most 4096 bytes of JSON. They are asked for at every login and refresh.
   * The names of the token's own claims are refused by a `TypeError`. Default none.
   */
  claims?: TokenClaims;
  /**
   * Limits of the operations that leave rows: registrations, rotations and changes of PINs. {@link defaultLimits}
   * has the numbers. Refusals are `RATE_LIMITED`. Default on. `false` turns a limit off, or all of them.
   */
  limits?: LimitOptions | false;
  /**
   * The path that clients address, from the path that this server receives. Pass it if a proxy takes a part of the
   * path away, because DPoP proofs name the clients' path. Default the same path.
   */
  publicPathOf?: (path: string) => string;
  /** Called with each event. Nothing waits for it. Its errors go to `onError`. */
  onEvent?: (event: AuthEvent) => void | Promise<void>;
  /**
   * Called with faults that the client sees only as a 5xx code. It also gets a `SetUpWarning` for refusals that a
   * wrong set-up may have caused. Default `console.error`.
   */
  onError?: (error: unknown) => void | Promise<void>;
  /** Clock in milliseconds. Default `Date.now`. */
  now?: () => number;
}

/**
 * Work of the application that belongs to a registration. `transaction` is the transaction that creates the user, a
 * `Transaction` of Kysely without the application's plugins, if the credentials are in a SQL database. Otherwise it is
 * `undefined`.
 */
export type AfterRegistration = (registration: {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
  transaction: unknown;
}) => void | Promise<void>;

/** Whether a person who has proven a key may sign in now. */
export type AuthorizeLogin = (login: {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
}) => boolean | Promise<boolean>;

/** Claims of an access token, as JSON. */
export type TokenClaims = (user: {
  userId: string;
  credentialId: string;
  sessionId: string;
}) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** Whether a name may be registered, for applications whose names mean something elsewhere. */
export type AuthorizeRegistration = (registration: {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
}) => boolean | Promise<boolean>;
