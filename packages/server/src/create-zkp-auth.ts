import { isValidOrigin, type RegistrationResponse, type SessionResponse } from '@zkp-auth/core';
import type { AuthEvent } from './auth-event.js';
import { createDecoys } from './decoys.js';
import type { Engine, RequestFacts } from './engine.js';
import type { SigningKeys } from './keys/signing-keys.js';
import { type ChallengeAnswer, createChallenge } from './operations/create-challenge.js';
import { finishLogin } from './operations/finish-login.js';
import { finishRegistration } from './operations/finish-registration.js';
import { revokeCredential } from './operations/revoke-credential.js';
import type { ChallengeStore } from './stores/challenge-store.js';
import type { Credential, CredentialStore } from './stores/credential-store.js';
import { storeCall } from './stores/store-call.js';
import { JwtTokenIssuer } from './tokens/jwt-token-issuer.js';
import type { ZkpUser } from './tokens/token-issuer.js';

export interface ZkpAuthOptions {
  /** Origins of the pages that may sign in, such as `https://app.example`. `http:` on loopback only. */
  origins: readonly string[];
  /** Origins under which clients reach this API; default `origins`. */
  audiences?: readonly string[];
  stores: {
    challenges: ChallengeStore;
    credentials: CredentialStore;
  };
  /** From {@link openKeyFile}, or {@link generateSigningKeys} in tests. */
  keys: SigningKeys;
  /** The tokens' `iss` and `aud`; default the first audience. */
  issuer?: string;
  /** Lifetime of a challenge in milliseconds; default 60 000. */
  challengeTtlMs?: number;
  /** Lifetime of an access token in milliseconds; default 600 000. */
  accessTokenTtlMs?: number;
  /** Whether a registration answers with a session as a login does; default true. */
  sessionOnRegister?: boolean;
  /** Called after the proof and before creation; anything but `true` refuses with `REGISTRATION_DENIED`. */
  authorizeRegistration?: AuthorizeRegistration;
  /** Told of what happened; nothing waits for it. What it throws, or rejects with, goes to `onError`. */
  onEvent?: (event: AuthEvent) => void | Promise<void>;
  /** Told of faults that the client sees only as a 5xx code; default `console.error`. */
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

/** The server, free of any web framework. Bodies are parsed JSON of unknown shape; answers are ready for JSON. */
export interface ZkpAuth {
  /** `POST {base}/challenge`, answered with 200. */
  createChallenge(body: unknown): Promise<ChallengeAnswer>;
  /** `POST {base}/register`, answered with 201. */
  finishRegistration(body: unknown, facts?: RequestFacts): Promise<SessionResponse | RegistrationResponse>;
  /** `POST {base}/verify`, answered with 200. */
  finishLogin(body: unknown, facts?: RequestFacts): Promise<SessionResponse>;
  /** Who an access token speaks for, or `null`. */
  verifyAccessToken(token: string): Promise<ZkpUser | null>;
  /** All credentials of a user, oldest first, revoked ones included. */
  listCredentials(userId: string): Promise<Credential[]>;
  /** Revoke a credential, for good. Whether this call revoked it. */
  revokeCredential(userId: string, credentialId: string): Promise<boolean>;
  /** Hand a fault to `onError`; adapters call it before they answer with a 5xx code. */
  reportError(error: unknown): void;
}

/**
 * Make the server from its allowlists, stores and keys.
 *
 * @throws `TypeError` for options that cannot work, an origin that is not one among them.
 *
 * @example
 * ```ts
 * const auth = createZkpAuth({
 *   origins: ['https://app.example'],
 *   stores: { challenges: new InMemoryChallengeStore(), credentials: new SqlCredentialStore(db) },
 *   keys: await openKeyFile('./data/signing-keys.json'),
 * });
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function createZkpAuth(options: ZkpAuthOptions): ZkpAuth {
  const origins = checkedOrigins('origins', options.origins);
  const audiences = checkedOrigins('audiences', options.audiences ?? options.origins);
  const issuer = options.issuer ?? audiences[0];
  const now = options.now ?? Date.now;
  const reportError = (error: unknown): void => {
    callHook(options.onError ?? console.error, error, () => undefined);
  };
  const engine: Engine = {
    origins: new Set(origins),
    audiences: new Set(audiences),
    challenges: options.stores.challenges,
    credentials: options.stores.credentials,
    tokens: new JwtTokenIssuer({
      keys: options.keys,
      issuer,
      audience: issuer,
      ttlMs: positive('accessTokenTtlMs', options.accessTokenTtlMs ?? 600_000, 1000),
      now,
    }),
    decoys: createDecoys(),
    challengeTtlMs: positive('challengeTtlMs', options.challengeTtlMs ?? 60_000, 1),
    sessionOnRegister: options.sessionOnRegister ?? true,
    authorizeRegistration: options.authorizeRegistration,
    now,
    emit: (event) => {
      if (options.onEvent !== undefined) callHook(options.onEvent, event, reportError);
    },
  };
  return {
    createChallenge: (body) => createChallenge(engine, body),
    finishRegistration: (body, facts = {}) => finishRegistration(engine, body, facts),
    finishLogin: (body, facts = {}) => finishLogin(engine, body, facts),
    verifyAccessToken: (token) => engine.tokens.verify(token),
    listCredentials: (userId) => storeCall(engine.credentials.list(userId)),
    revokeCredential: (userId, credentialId) => revokeCredential(engine, userId, credentialId),
    reportError,
  };
}

/** Call an application's hook, which must not be able to fail a request or to end the process. */
function callHook<T>(hook: (value: T) => unknown, value: T, onFault: (error: unknown) => void): void {
  try {
    Promise.resolve(hook(value)).catch(onFault);
  } catch (error) {
    onFault(error);
  }
}

function checkedOrigins(name: string, values: readonly string[]): readonly [string, ...string[]] {
  if (!Array.isArray(values) || values.length === 0)
    throw new TypeError(`${name} must name at least one origin`);
  for (const value of values) {
    if (!isValidOrigin(value)) {
      throw new TypeError(
        `${name}: ${JSON.stringify(value)} is not an origin such as "https://app.example" (http: on loopback only, no path, no default port)`,
      );
    }
  }
  return values as readonly string[] as readonly [string, ...string[]];
}

function positive(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TypeError(`${name} must be an integer >= ${least}`);
  return value;
}
