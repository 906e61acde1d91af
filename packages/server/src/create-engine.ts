import { isValidOrigin } from '@zkp-auth/core';
import { callHook } from './call-hook.js';
import { Challenges } from './challenges/challenges.js';
import { checkedInteger } from './checked-integer.js';
import { createDecoys } from './decoys.js';
import type { Engine } from './engine.js';
import type { KeyRing } from './keys/key-ring.js';
import { LinkCodes } from './links/link-codes.js';
import { createLimits } from './limits/create-limits.js';
import type { PinAssistance } from './pin/open-pin-assistance.js';
import { DpopNonces } from './sessions/dpop-nonces.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { deriveSessionKeys } from './sessions/session-keys.js';
import { sessionPolicyOf } from './sessions/session-policy.js';
import { setUpWarnings } from './set-up-warnings.js';
import { linkStoreOf } from './stores/link-source.js';
import type { SessionStore } from './stores/session-store.js';
import { nameHash } from './name-hash.js';
import { checkedReservation } from './name-reservation.js';
import { JwtTokenIssuer } from './tokens/jwt-token-issuer.js';
import type { ZkpAuthOptions } from './zkp-auth-options.js';

/**
 * Check the options of `createZkpAuth`, and make the engine that the operations share.
 *
 * @throws `TypeError` for options that cannot work.
 */
export function createEngine(options: ZkpAuthOptions, reportError: (error: unknown) => void): Engine {
  const origins = checkedOrigins('origins', options.origins);
  const audiences = checkedOrigins('audiences', options.audiences ?? options.origins);
  const issuer = options.issuer ?? audiences[0];
  const now = options.now ?? Date.now;
  const keys = checkedKeys(options.keys);
  const accessTokenTtlMs = checkedTokenTtl(options.accessTokenTtlMs ?? 600_000, keys);
  const sessionKeys = deriveSessionKeys(keys);
  const { onEvent } = options;
  const pinAssistance = checkedPinAssistance(options.pinAssistance);
  const challengeTtlMs = checkedInteger('challengeTtlMs', options.challengeTtlMs ?? 60_000, 1);
  return {
    origins: new Set(origins),
    audiences: new Set(audiences),
    challenges: new Challenges({
      store: options.stores.challenges,
      sharedKeys: () => sessionKeys().map(({ challenge }) => challenge),
      secretIds: pinAssistance === null ? [] : [...pinAssistance.secrets.keys()],
      ttlMs: challengeTtlMs,
    }),
    credentials: options.stores.credentials,
    links: options.stores.links ?? linkStoreOf(options.stores.credentials),
    linkCodes: new LinkCodes(sessionKeys),
    sessions: checkedSessions(options.stores.sessions),
    sessionPolicy: sessionPolicyOf(accessTokenTtlMs, options.sessions),
    pinAssistance,
    keys,
    tokens: new JwtTokenIssuer({
      keys,
      issuer,
      audience: issuer,
      ttlMs: accessTokenTtlMs,
      now,
      claims: checkedHook('claims', options.claims),
    }),
    refreshTokens: new RefreshTokens(sessionKeys),
    nonces: new DpopNonces(sessionKeys, now),
    decoys: createDecoys(),
    nameHashesOf: (userId) => sessionKeys().map(({ name }) => nameHash(name, userId)),
    limits: createLimits(options.limits, reportError),
    challengeTtlMs,
    recoveryDelayMs: checkedDelay('recovery', options.recovery),
    enrolmentDelayMs: checkedDelay('enrolment', options.enrolment),
    sessionOnRegister: options.sessionOnRegister ?? true,
    reserveDeletedNames: checkedReservation('reserveDeletedNames', options.reserveDeletedNames ?? true, keys),
    authorizeRegistration: options.authorizeRegistration,
    afterRegistration: checkedHook('afterRegistration', options.afterRegistration),
    authorizeLogin: checkedHook('authorizeLogin', options.authorizeLogin),
    publicPathOf: options.publicPathOf ?? ((path) => path),
    now,
    emit: (event) => {
      if (onEvent !== undefined) callHook(onEvent, event, reportError);
    },
    reportError,
    warnOfSetUp: setUpWarnings(reportError),
  };
}

/** PIN assistance is on by default. Only `false` turns it off, and a missing option does not. */
function checkedPinAssistance(value: PinAssistance | false | undefined): PinAssistance | null {
  if (value === false) return null;
  // A promise of it has no evaluator.
  if (typeof value === 'object' && value?.evaluator !== undefined) return value;
  throw new TypeError(
    'pinAssistance: pass "await openPinAssistance({ store, secretFile })", or false to do without, and let whoever copies a key record guess its PIN offline',
  );
}

function checkedKeys(keys: KeyRing | undefined): KeyRing {
  if (typeof keys?.sessionSecrets === 'function') return keys;
  throw new TypeError(
    'keys: pass "await openKeyFile(path)" or "await openKeyRing({ store, encrypt })", or "await generateSigningKeys()" where sessions may end with the process',
  );
}

function checkedSessions(store: SessionStore | undefined): SessionStore {
  if (typeof store === 'object' && store !== null) return store;
  throw new TypeError(
    'stores.sessions is missing: pass "new SqlSessionStore(db)", or "new InMemorySessionStore()" where sessions may end with the process',
  );
}

function checkedHook<Hook extends (...values: never) => unknown>(
  name: string,
  hook: Hook | undefined,
): Hook | undefined {
  if (hook === undefined || typeof hook === 'function') return hook;
  throw new TypeError(`${name}: pass a function, or leave it out`);
}

const longestDelayMs = 30 * 86_400_000;

function checkedDelay(name: string, options: { delayMs?: number } = {}): number {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${name}: pass an object such as { delayMs: 86_400_000 }`);
  const { delayMs = 0 } = options;
  if (delayMs > longestDelayMs)
    throw new TypeError(`${name}.delayMs must be at most ${longestDelayMs} (30 days)`);
  return checkedInteger(`${name}.delayMs`, delayMs, 0);
}

/** A key is kept only for the token lifetime that the ring was told. */
function checkedTokenTtl(ttlMs: number, { tokenTtlMs }: KeyRing): number {
  if (ttlMs > tokenTtlMs) {
    throw new TypeError(
      `accessTokenTtlMs must be at most the tokenTtlMs of keys, ${tokenTtlMs}: a token would outlive its key`,
    );
  }
  return checkedInteger('accessTokenTtlMs', ttlMs, 1000);
}

function checkedOrigins(name: string, values: readonly string[]): readonly [string, ...string[]] {
  if (!Array.isArray(values) || values.length === 0)
    throw new TypeError(`${name} must name at least one origin`);
  for (const value of values) {
    // No page has an origin with a wildcard.
    if (!isValidOrigin(value) || value.includes('*')) {
      throw new TypeError(
        `${name}: ${JSON.stringify(value)} is not an origin such as "https://app.example" (http: on loopback only, no path, no default port, no wildcard)`,
      );
    }
  }
  return values as readonly string[] as readonly [string, ...string[]];
}
