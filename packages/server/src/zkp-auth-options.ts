import type { AuthEvent } from './auth-event.js';
import type { RequestFacts } from './request-facts.js';
import type { KeyRing } from './keys/key-ring.js';
import type { LimitOptions } from './limits/limit-options.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
import type { SessionOptions } from './sessions/session-policy.js';
import type { ChallengeStore } from './stores/challenge-store.js';
import type { CredentialStore } from './stores/credential-store.js';
import type { SessionStore } from './stores/session-store.js';

export interface ZkpAuthOptions {
  /** Origins of the pages that may sign in, such as `https://app.example`. `http:` on loopback only. */
  origins: readonly string[];
  /** Origins under which clients reach this API; default `origins`. */
  audiences?: readonly string[];
  stores: {
    challenges: ChallengeStore;
    credentials: CredentialStore;
    sessions: SessionStore;
  };
  /** From {@link openKeyFile} or {@link openKeyRing}, or {@link generateSigningKeys} in tests. */
  keys: KeyRing;
  /**
   * From {@link openPinAssistance}: the server then has a share in every guess at a PIN, and counts them. `false`
   * does without, and whoever copies a key record guesses its PIN offline.
   */
  pinAssistance: PinAssistance | false;
  /** How long sessions last, how they travel, and what they are bound to. */
  sessions?: SessionOptions;
  /** The tokens' `iss` and `aud`; default the first audience. */
  issuer?: string;
  /** Lifetime of a challenge in milliseconds; default 60 000. */
  challengeTtlMs?: number;
  /** Lifetime of an access token in milliseconds; default 600 000, at most the `tokenTtlMs` of `keys`. */
  accessTokenTtlMs?: number;
  /** Whether a registration answers with a session as a login does; default true. */
  sessionOnRegister?: boolean;
  /** Called after the proof and before creation; anything but `true` refuses with `REGISTRATION_DENIED`. */
  authorizeRegistration?: AuthorizeRegistration;
  /**
   * How often something may happen that leaves rows: registrations, rotations, changes of PINs; see {@link defaultLimits}
   * for the numbers. Refusals are `RATE_LIMITED`. Default on; `false` turns a limit off, or all of them.
   */
  limits?: LimitOptions | false;
  /**
   * The path that clients address, of one that this server receives: where a proxy takes a part of it away. DPoP
   * proofs name it. Default the same.
   */
  publicPathOf?: (path: string) => string;
  /** Told of what happened; nothing waits for it. What it throws, or rejects with, goes to `onError`. */
  onEvent?: (event: AuthEvent) => void | Promise<void>;
  /**
   * Told of faults that the client sees only as a 5xx code, and, by a `SetUpWarning`, of refusals that a wrong set-up may
   * have caused; default `console.error`.
   */
  onError?: (error: unknown) => void | Promise<void>;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

/** Whether a name may be registered: for applications whose names mean something elsewhere. */
export type AuthorizeRegistration = (registration: {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
}) => boolean | Promise<boolean>;
