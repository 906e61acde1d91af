import { isDeviceName, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { assertNewPin } from '../pins/assert-new-pin.js';
import type { RegisterResult, Session } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { generateSessionKey } from '../sessions/session-key.js';
import type { KeyName, LocalKey, UnlockedKey } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { isSpent } from '../transport/while-alive.js';
import { type Context, keyName } from '../ceremony/context.js';
import { listKeysOf } from '../ceremony/find-keys.js';
import { createPinAssistant, type PinAssistant } from '../ceremony/pin-assistant.js';
import { prove } from '../ceremony/prove.js';
import { type SignedIn, sessionOf, signIn } from '../ceremony/sign-in.js';
import { startSession } from '../ceremony/start-session.js';
import { tryPending } from '../ceremony/try-pending.js';
import { unlock } from '../ceremony/unlock.js';

/** See `ZkpAuthClient.register`. */
export async function register(
  context: Context,
  userId: string,
  pin: string,
  deviceName: string | undefined,
): Promise<RegisterResult> {
  if (deviceName !== undefined && !isDeviceName(deviceName)) {
    throw new TypeError('deviceName must have 1 to 64 characters, none of them a control character');
  }
  await assertNewPin(pin, context.pinPolicy);
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    if (await context.storage.hasKey(name)) throw new ZkpAuthError('KEY_ALREADY_EXISTS');
    const pending = await listKeysOf(context, name);
    const withPin = (key: LocalKey): Promise<SignedIn> => signIn(context, key, pin);
    const { accepted, reusable, refused } = await tryPending(context, pending, withPin);
    if (accepted !== null) return registered(accepted, userId);

    const marked = (await context.marker?.has(name)) ?? false;
    const assistant = createPinAssistant(context, { purpose: 'register', userId });
    const unlocked =
      reusable === null
        ? await generate(context, name, { pin, assistant })
        : await unlock(context, reusable, { unlockWith: pin, assistant, use: 'register' });
    const { credentialId } = unlocked;
    const attempt: Attempt = { sent: null };
    try {
      context.signal?.throwIfAborted();
      const session = await enrol(context, unlocked, { userId, deviceName, assistant, attempt });
      await context.storage.activateKey(name, credentialId);
      return { userId, credentialId, session };
    } catch (error) {
      const { sent } = attempt;
      const work = { pending, credentialId, sent };
      const { accepted: again } = await tryPending(
        context,
        await mayBeRegistered(context, error, work),
        withPin,
      );
      if (again !== null) return registered(again, userId);
      if (reusable === null && (sent === null || isFinal(error))) {
        await discard(context, name, credentialId, marked);
      }
      throw refused !== null && isTaken(error) ? refused : error;
    } finally {
      unlocked.dispose();
    }
  });
}

/** The challenge of the proof that was sent; `null` before that. */
interface Attempt {
  sent: IssuedChallenge | null;
}

/** By whom, a key of this device's under another PIN tells better. */
function isTaken(error: unknown): boolean {
  return hasCode(error, 'USER_ID_TAKEN');
}

function registered({ session, unlocked }: SignedIn, userId: string): RegisterResult {
  unlocked.dispose();
  return { userId, credentialId: unlocked.credentialId, session };
}

/** A new key, on disk before anything of it but its id leaves this device. */
async function generate(
  context: Context,
  name: KeyName,
  { pin, assistant }: { pin: string; assistant: PinAssistant },
): Promise<UnlockedKey> {
  context.report('unlocking');
  const assist = context.pinAssistance ? assistant.assist : null;
  const key = await context.storage.generateAndStore(name, { kind: 'pin', pin, assist });
  await context.marker?.set(name);
  return key;
}

async function enrol(
  context: Context,
  key: UnlockedKey,
  work: {
    userId: string;
    deviceName: string | undefined;
    assistant: PinAssistant;
    attempt: Attempt;
  },
): Promise<Session | null> {
  const { userId, deviceName, assistant, attempt } = work;
  const { publicKey, credentialId } = key;
  const [challenge, sessionKey] = await Promise.all([
    assistant.challengeFor(credentialId),
    generateSessionKey(),
  ]);
  const { thumbprint } = sessionKey;
  const pinId = assistant.answered?.pin.id;
  const asked = { for: 'register', sessionKey: thumbprint } as const;
  const own = await prove(context, key, { userId, challenge, asked });
  attempt.sent = challenge;
  const device = deviceName === undefined ? undefined : { name: deviceName };
  const request = { ...own, publicKey, pinId, device, sessionKey: thumbprint };
  const answer = await startSession(context, 'register', { challenge, request, sessionKey, own });
  return 'token' in answer ? sessionOf(answer, 0) : null;
}

/**
 * Refusals that come after a proof with a live challenge. A challenge is consumed once, so no other copy of this
 * request will be accepted. None has been, unless an earlier sending's outcome is open.
 */
function isFinal(error: unknown): boolean {
  return hasCode(error, 'USER_ID_TAKEN', 'REGISTRATION_DENIED');
}

/**
 * The keys for which a refusal may hide a success. This client, browsers and proxies send a request again when its
 * connection breaks, and then the refusal of the second copy, its challenge spent, is what comes back. And a key that was sent
 * in an earlier call, or in a sending of this one whose outcome is open, may be what took the name.
 */
async function mayBeRegistered(
  context: Context,
  error: unknown,
  {
    pending,
    credentialId,
    sent,
  }: { pending: LocalKey[]; credentialId: string; sent: IssuedChallenge | null },
): Promise<LocalKey[]> {
  if (!isZkpAuthError(error) || sent === null) return [];
  const earlier = isTaken(error) ? pending : [];
  const isOpen = isSpent(error) || isSpent(error.cause) || (isFinal(error) && sent.doubt !== undefined);
  if (!isOpen) return earlier;
  const keys = await context.storage.listKeys();
  return [...keys.filter((key) => key.credentialId === credentialId), ...earlier];
}

/** Leave the name as it was before the call. A record that cannot be removed now does no harm: it is only pending. */
async function discard(
  context: Context,
  name: KeyName,
  credentialId: string,
  marked: boolean,
): Promise<void> {
  await context.storage.discardPendingKey(name, credentialId).catch(() => undefined);
  const left = await listKeysOf(context, name).catch(() => null);
  if (left?.length === 0 && !marked) await context.marker?.clear(name);
}
