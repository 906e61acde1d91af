import type { AuthEvent } from './auth-event.js';
import type { Challenges } from './challenges/challenges.js';
import type { Decoys } from './decoys.js';
import type { KeyRing } from './keys/key-ring.js';
import type { LinkCodes } from './links/link-codes.js';
import type { Limits } from './limits/create-limits.js';
import type { NameReservation } from './name-reservation.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
import type { DpopNonces } from './sessions/dpop-nonces.js';
import type { RefreshTokens } from './sessions/refresh-tokens.js';
import type { SessionPolicy } from './sessions/session-policy.js';
import type { SetUpRefusal } from './set-up-warnings.js';
import type { CredentialStore } from './stores/credential-store.js';
import type { LinkStore } from './stores/link-store.js';
import type { SessionStore } from './stores/session-store.js';
import type { TokenIssuer } from './tokens/token-issuer.js';
import type { AfterRegistration, AuthorizeLogin, AuthorizeRegistration } from './zkp-auth-options.js';

/** The checked options of `createZkpAuth`, which all operations share. */
export interface Engine {
  readonly origins: ReadonlySet<string>;
  readonly audiences: ReadonlySet<string>;
  readonly challenges: Challenges;
  readonly credentials: CredentialStore;
  /** `null` if the credential store keeps no links. */
  readonly links: LinkStore | null;
  readonly linkCodes: LinkCodes;
  readonly sessions: SessionStore;
  readonly sessionPolicy: SessionPolicy;
  /** `null` if the application turned it off. */
  readonly pinAssistance: PinAssistance | null;
  readonly keys: KeyRing;
  readonly tokens: TokenIssuer;
  readonly refreshTokens: RefreshTokens;
  readonly nonces: DpopNonces;
  readonly decoys: Decoys;
  /** The hashes under which a name may be reserved, one for each secret. New reservations take the first. */
  readonly nameHashesOf: (name: string) => readonly string[];
  readonly limits: Limits;
  readonly challengeTtlMs: number;
  /** How long a device that a recovery kit brings waits, in milliseconds. */
  readonly recoveryDelayMs: number;
  /** The same for a device that a token of the application brings. */
  readonly enrolmentDelayMs: number;
  readonly sessionOnRegister: boolean;
  readonly reserveDeletedNames: NameReservation;
  readonly authorizeRegistration: AuthorizeRegistration | undefined;
  readonly afterRegistration: AfterRegistration | undefined;
  readonly authorizeLogin: AuthorizeLogin | undefined;
  readonly publicPathOf: (path: string) => string;
  readonly now: () => number;
  readonly emit: (event: AuthEvent) => void;
  /** Takes a fault of work that no request waits for. */
  readonly reportError: (error: unknown) => void;
  /** Takes each refusal that a wrong set-up may have caused. */
  readonly warnOfSetUp: (refusal: SetUpRefusal) => void;
}
