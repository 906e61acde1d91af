import type { AuthEvent } from './auth-event.js';
import type { RequestFacts } from './request-facts.js';
import type { KeyRing } from './keys/key-ring.js';
import type { LimitOptions } from './limits/limit-options.js';
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
  /** Called after the proof and before creation. Anything but `true` refuses with `REGISTRATION_DENIED`. */
  authorizeRegistration?: AuthorizeRegistration;
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

/** Whether a name may be registered, for applications whose names mean something elsewhere. */
export type AuthorizeRegistration = (registration: {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
}) => boolean | Promise<boolean>;
