import {
  encodeBase64url,
  isZkpAuthError,
  parseRegistrationResponse,
  parseSessionResponse,
  registerContext,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { RegisterResult, Session } from '../client-types.js';
import type { KeyName, LocalKey, UnlockedKey } from '../storage/key-storage.js';
import { withUserLock } from '../with-user-lock.js';
import { contact, type Context, keyName } from './context.js';
import { listKeysOf } from './find-keys.js';
import { prove } from './prove.js';
import { requestChallenge } from './request-challenge.js';
import { signIn } from './sign-in.js';
import { signInWithPending } from './sign-in-with-pending.js';
import { unlock } from './unlock.js';

/** See `ZkpAuthClient.register`. */
export async function register(
  context: Context,
  userId: string,
  pin: string,
  deviceName: string | undefined,
): Promise<RegisterResult> {
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    if (await context.storage.hasKey(name)) throw new ZkpAuthError('KEY_ALREADY_EXISTS');
    const pending = await listKeysOf(context, name);
    const { signedIn, unregistered } = await signInWithPending(context, pending, pin);
    if (signedIn !== null) return { userId, ...signedIn };

    const marked = context.marker?.has(name) ?? false;
    const unlocked =
      unregistered === null ? await generate(context, name, pin) : await unlock(context, unregistered, pin);
    const { credentialId } = unlocked;
    const key: LocalKey = unregistered ?? { ...name, credentialId, createdAt: '', state: 'pending' };
    const attempt = { sent: false };
    try {
      context.signal?.throwIfAborted();
      const session = await enrol(context, unlocked, userId, deviceName, attempt);
      await context.storage.confirmKey(name, credentialId);
      return { userId, credentialId, session };
    } catch (error) {
      if (attempt.sent && mayBeRegistered(error, unregistered)) {
        const session = await signInAfterRefusal(context, key, pin);
        if (session !== null) return { userId, credentialId, session };
      }
      if (unregistered === null && (!attempt.sent || isFinal(error))) {
        await discard(context, name, credentialId, marked);
      }
      throw error;
    } finally {
      unlocked.dispose();
    }
  });
}

/** A new key, on disk before anything of it leaves this device. */
async function generate(context: Context, name: KeyName, pin: string): Promise<UnlockedKey> {
  context.report('unlocking');
  const key = await context.storage.generateAndStore(name, pin);
  context.marker?.set(name);
  return key;
}

async function enrol(
  context: Context,
  key: UnlockedKey,
  userId: string,
  deviceName: string | undefined,
  attempt: { sent: boolean },
): Promise<Session | null> {
  const { publicKey, credentialId } = key;
  const challenge = await requestChallenge(context, { purpose: 'register', userId, credentialId });
  const purposeContext = registerContext({ publicKey });
  const fields = await prove(context, key, { purpose: 'register', userId, challenge, purposeContext });
  const device = deviceName === undefined ? {} : { device: { name: deviceName } };
  attempt.sent = true;
  const answer = await contact(context, 'register', {
    ...fields,
    publicKey: encodeBase64url(publicKey),
    ...device,
  });
  parseRegistrationResponse(answer);
  return Object.hasOwn(answer as object, 'token') ? parseSessionResponse(answer) : null;
}

/**
 * Refusals that come after a proof with a live challenge. A challenge is consumed once, so no other copy of this
 * request has been, or will be, accepted: the key is known to be of no use.
 */
function isFinal(error: unknown): boolean {
  return isZkpAuthError(error) && (error.code === 'USER_ID_TAKEN' || error.code === 'REGISTRATION_DENIED');
}

/**
 * Whether a refusal may hide a success. Browsers and proxies send a request again when its connection breaks, and
 * then the refusal of the second copy, its challenge spent, is what comes back. And of a key that was sent in an
 * earlier call, that call may have arrived meanwhile.
 */
function mayBeRegistered(error: unknown, sentBefore: LocalKey | null): boolean {
  if (!isZkpAuthError(error)) return false;
  return error.code === 'PROOF_REJECTED' || (error.code === 'USER_ID_TAKEN' && sentBefore !== null);
}

async function signInAfterRefusal(context: Context, key: LocalKey, pin: string): Promise<Session | null> {
  try {
    return await signIn(context, key, pin);
  } catch (error) {
    if (isZkpAuthError(error) && error.code === 'LOGIN_REJECTED') return null;
    throw error;
  }
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
  if (left?.length === 0 && !marked) context.marker?.clear(name);
}
