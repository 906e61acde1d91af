import { isValidOrigin, type RegistrationResponse, type SessionResponse } from '@zkp-auth/core';
import type { AuthEvent } from './auth-event.js';
import { createDecoys } from './decoys.js';
import type { Engine, RequestFacts } from './engine.js';
import type { SigningKeys } from './keys/signing-keys.js';
import { type ChallengeAnswer, createChallenge } from './operations/create-challenge.js';
import { finishKeyRotation } from './operations/finish-key-rotation.js';
import { finishLogin } from './operations/finish-login.js';
import { finishPinChange } from './operations/finish-pin-change.js';
import { finishRegistration } from './operations/finish-registration.js';
import { forgetRetiredPins } from './operations/forget-retired-pins.js';
import { listPins, type PinSummary } from './operations/list-pins.js';
import { retirePin } from './operations/retire-pin.js';
import { revokeCredential } from './operations/revoke-credential.js';
import { unlockPin } from './operations/unlock-pin.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
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
  /**
   * From {@link openPinAssistance}: the server then has a share in every guess at a PIN, and counts them. `false`
   * does without, and whoever copies a key record guesses its PIN offline.
   */
  pinAssistance: PinAssistance | false;
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
  /** `POST {base}/pin`, answered with 204. */
  finishPinChange(body: unknown, facts?: RequestFacts): Promise<void>;
  /** `POST {base}/rotate-key`, answered with 200. */
  finishKeyRotation(body: unknown, facts?: RequestFacts): Promise<SessionResponse>;
  /** Who an access token speaks for, or `null`. */
  verifyAccessToken(token: string): Promise<ZkpUser | null>;
  /** All credentials of a user, oldest first, revoked ones included. */
  listCredentials(userId: string): Promise<Credential[]>;
  /** Revoke a credential and retire its pins, for good. Whether this call revoked it. */
  revokeCredential(userId: string, credentialId: string): Promise<boolean>;
  /** The pins of all credentials of a user, retired ones included. */
  listPins(userId: string): Promise<PinSummary[]>;
  /**
   * Grant three more tries to the locked pins of a user's credential, or to the one of `options.pinHash`. Gives how
   * many this call unlocked.
   */
  unlockPin(userId: string, credentialId: string, options?: { pinHash?: string }): Promise<number>;
  /** Retire one pin of a user, for good, as where a backup was lost. Whether this call retired it. */
  retirePin(userId: string, pinHash: string): Promise<boolean>;
  /**
   * Forget the pins that were retired longer ago than `olderThanMs`, which daily renewal makes one a day of for each
   * device: run it now and then, with months. Gives how many. Copies older than that raise no alarm any more.
   */
  forgetRetiredPins(olderThanMs: number): Promise<number>;
  /** Hand a fault to `onError`; adapters call it before they answer with a 5xx code. */
  reportError(error: unknown): void;
}

/**
 * Make the server from its allowlists, stores, keys and PIN assistance.
 *
 * @throws `TypeError` for options that cannot work, an origin that is not one among them, and where `pinAssistance`
 * is missing.
 *
 * @example
 * ```ts
 * const auth = createZkpAuth({
 *   origins: ['https://app.example'],
 *   stores: { challenges: new InMemoryChallengeStore(), credentials: new SqlCredentialStore(db) },
 *   keys: await openKeyFile('./data/signing-keys.json'),
 *   pinAssistance: await openPinAssistance({
 *     store: new SqlPinStore(db),
 *     secretFile: './data/pin-secrets.json',
 *   }),
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
    pinAssistance: checkedPinAssistance(options.pinAssistance),
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
    finishPinChange: (body, facts = {}) => finishPinChange(engine, body, facts),
    finishKeyRotation: (body, facts = {}) => finishKeyRotation(engine, body, facts),
    verifyAccessToken: (token) => engine.tokens.verify(token),
    listCredentials: (userId) => storeCall(engine.credentials.list(userId)),
    revokeCredential: (userId, credentialId) => revokeCredential(engine, userId, credentialId),
    listPins: (userId) => listPins(engine, userId),
    unlockPin: (userId, credentialId, options = {}) => unlockPin(engine, userId, credentialId, options),
    retirePin: (userId, pinHash) => retirePin(engine, userId, pinHash),
    forgetRetiredPins: async (olderThanMs) =>
      forgetRetiredPins(engine, positive('olderThanMs', olderThanMs, 1)),
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

/** On by default: only `false` turns it off, nothing that was left out. */
function checkedPinAssistance(value: PinAssistance | false | undefined): PinAssistance | null {
  if (value === false) return null;
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(
    'pinAssistance: pass "await openPinAssistance({ store, secretFile })", or false to do without, and let whoever copies a key record guess its PIN offline',
  );
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
