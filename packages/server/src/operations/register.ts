import {
  type AnswerOf,
  credentialIdOf,
  formatNewKeyResponse,
  type JsonOf,
  parseRegisterRequest,
  registerContext,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { AuthEvent } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { takeLimit } from '../limits/take-limit.js';
import { provenSessionKey } from '../sessions/proven-session-key.js';
import type { NewCredential } from '../stores/credential-store.js';
import type { NewPin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { type RegistrationHook, registrationHook } from './after-registration.js';
import { createWithPin } from './create-with-pin.js';
import { drawnPin, newPinOf } from './drawn-pin.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { provesNewKey } from './proves-new-key.js';
import { requirePinAssistance } from './require-pin-assistance.js';
import { startSession } from './start-session.js';

/**
 * Verify a registration's proof and create the user (protocol section 4). If the user id or the key exists already,
 * nothing changes. The proof shows a key, not a right to the name. An application that needs more refuses in
 * `authorizeRegistration`.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `REGISTRATION_DENIED`, `USER_ID_TAKEN`,
 * `PIN_ASSISTANCE_UNSUPPORTED`, `SESSION_KEY_REQUIRED`, `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`, or a parsing
 * code.
 */
export async function register(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'register'>>>> {
  const request = parseRegisterRequest(body);
  const { userId, publicKey, challengeId, origin, audience, proof, pinId, refreshToken } = request;
  if (pinId !== undefined) requirePinAssistance(engine);
  const credentialId = credentialIdOf(publicKey);
  const sessionKey =
    engine.sessionOnRegister || request.sessionKey !== undefined
      ? await provenSessionKey(engine, request.sessionKey, { facts, subject: { userId, credentialId } })
      : null;
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (
    reason: Extract<AuthEvent, { type: 'registration_rejected' }>['reason'],
    code: 'PROOF_REJECTED' | 'REGISTRATION_DENIED' | 'USER_ID_TAKEN',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'registration_rejected', reason });
    return new ZkpAuthError(code);
  };

  const subject = { purpose: 'register', userId, credentialId } as const;
  const issued = engine.challenges.named(challengeId, subject, pinId);
  if (!issued.valid) throw reject('challenge', 'PROOF_REJECTED');
  if (!isAllowedOrigin(engine, { userId, credentialId, origin, audience }, facts))
    throw reject('origin', 'PROOF_REJECTED');
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin', 'PROOF_REJECTED');
  const { challenge } = issued;
  const claimed = { ...subject, publicKey, proof, challenge, context: registerContext(request) };
  // After the cheap refusals, because the first validation of a key costs more than anything else here.
  if (!provesNewKey(request, claimed)) throw reject('proof', 'PROOF_REJECTED');
  if (!(await issued.spend())) throw reject('challenge', 'PROOF_REJECTED');

  // If another copy of this request has created the user, the client must keep its key. So the answer must not say
  // that the name is taken or denied, even if a store has lost the mark of that copy, or that copy has used up an
  // invitation.
  const isCopy = async (): Promise<boolean> => {
    if (!issued.mayComeBack) return false;
    const own = await storeCall(engine.credentials.find(userId, credentialId));
    return own !== null && own.createdAtMs > issued.issuedAtMs;
  };
  const { authorizeRegistration } = engine;
  if (authorizeRegistration !== undefined) {
    const allowed: unknown = await authorizeRegistration({ userId, credentialId, facts });
    if (allowed !== true) {
      if (await isCopy()) throw reject('challenge', 'PROOF_REJECTED');
      throw reject('denied', 'REGISTRATION_DENIED');
    }
  }
  await takeLimit(engine, 'registrationsByAddress', { userId, credentialId, facts });
  const { atMs } = event;
  const deviceName = request.device?.name ?? null;
  const newPin = drawn && newPinOf(drawn, { userId, credentialId }, atMs);
  const credential = { userId, credentialId, publicKey, deviceName, createdAtMs: atMs };
  const hook = registrationHook(engine, { userId, credentialId, facts });
  const nameHashes = engine.nameHashesOf(userId);
  const outcome = await createWithPin(engine, newPin, (pin) =>
    createUnlessHookFails(engine, { credential, pin, nameHashes, hook }),
  );
  if (outcome === 'gone') {
    engine.emit({ ...event, type: 'registration_rejected', reason: 'hook' });
    throw hook.fault()?.error;
  }
  if (outcome === 'taken') {
    if (await isCopy()) throw reject('challenge', 'PROOF_REJECTED');
    throw reject('taken', 'USER_ID_TAKEN');
  }
  engine.emit({ ...event, type: 'registered' });
  const start = { userId, credentialId, deviceName, sessionKey, audience, refreshToken, atMs };
  const session = engine.sessionOnRegister ? await startSession(engine, start, facts) : null;
  if (session === null) return { body: formatNewKeyResponse({ userId, credentialId }), headers: [] };
  const waysBack = { otherDevices: 0, recoveryKit: false };
  return { body: formatNewKeyResponse({ ...session.body, waysBack }), headers: session.headers };
}

/** @returns `gone`, and no user, if the hook has failed. */
async function createUnlessHookFails(
  engine: Engine,
  created: {
    credential: NewCredential;
    pin: NewPin | undefined;
    nameHashes: readonly string[];
    hook: RegistrationHook;
  },
): Promise<'created' | 'taken' | 'gone'> {
  const { credential, pin, nameHashes, hook } = created;
  try {
    return await engine.credentials.createUser(credential, pin, { nameHashes, within: hook.run });
  } catch (error) {
    if (hook.fault() === undefined) throw error;
    return 'gone';
  }
}
