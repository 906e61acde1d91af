import type { AuthEvent } from './auth-event.js';
import type { Decoys } from './decoys.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
import type { ChallengeStore } from './stores/challenge-store.js';
import type { CredentialStore } from './stores/credential-store.js';
import type { TokenIssuer } from './tokens/token-issuer.js';
import type { AuthorizeRegistration } from './create-zkp-auth.js';

/** What the operations share: the checked options of `createZkpAuth`. */
export interface Engine {
  readonly origins: ReadonlySet<string>;
  readonly audiences: ReadonlySet<string>;
  readonly challenges: ChallengeStore;
  readonly credentials: CredentialStore;
  /** `null` where the application turned it off. */
  readonly pinAssistance: PinAssistance | null;
  readonly tokens: TokenIssuer;
  readonly decoys: Decoys;
  readonly challengeTtlMs: number;
  readonly sessionOnRegister: boolean;
  readonly authorizeRegistration: AuthorizeRegistration | undefined;
  readonly now: () => number;
  readonly emit: (event: AuthEvent) => void;
}

/** What the transport knows of a request beside its body. */
export interface RequestFacts {
  /** The `Origin` header, where there was one. */
  origin?: string | undefined;
}
