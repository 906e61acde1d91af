import { isZkpAuthError, registerRoute, ZkpAuthError } from '@zkp-auth/core';
import { type Call, type PendingOutcome, rareSteps } from '../ceremony/call.js';
import { Ceremony } from '../ceremony/ceremony.js';
import { listKeysOf } from '../ceremony/find-keys.js';
import { openKey } from '../ceremony/open-key.js';
import { assertDeviceName, sessionOf, type SignedIn, signIn, startSession } from '../ceremony/sign-in.js';
import type { RegisterResult, Session } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { withUserLock } from '../locks/with-lock.js';
import { loadNewPins } from '../pins/load-new-pins.js';
import { generateSessionKey } from '../transport/dpop-signer.js';
import { isSpent, type IssuedChallenge } from '../transport/while-alive.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';

/** See `ZkpAuthClient.register`. */
export async function register(
  unnamed: Call,
  userId: string,
  { pin, deviceName }: { pin: string; deviceName: string | undefined },
): Promise<RegisterResult> {
  assertDeviceName(deviceName);
  const call = { ...unnamed, deviceName };
  const { assertNewPin } = await loadNewPins();
  assertNewPin(pin, call.pinPolicy);
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
    if (await call.storage.hasKey(name)) throw new ZkpAuthError('KEY_ALREADY_EXISTS');
    const pending = await listKeysOf(call, name);
    const { accepted, reusable, refused } = await tryThem(call, pending, pin);
    if (accepted !== null) return registered(accepted, userId);

    const marked = (await call.marker?.has(name)) ?? false;
    const ceremony = new Ceremony(call, { purpose: 'register', name });
    const unlocked =
      reusable === null
        ? await generate(ceremony, name, pin)
        : await openKey(ceremony, reusable, { unlockWith: pin, use: 'register' });
    const { credentialId } = unlocked;
    try {
      call.signal?.throwIfAborted();
      const session = await enrol(ceremony, unlocked, deviceName);
      await call.storage.activateKey(name, credentialId);
      return { userId, credentialId, session };
    } catch (error) {
      const proven = ceremony.hasProven ? ceremony.challenge : null;
      const suspects = await mayBeRegistered(call, error, { pending, credentialId, proven });
      const { accepted: again } = await tryThem(call, suspects, pin);
      if (again !== null) return registered(again, userId);
      if (reusable === null && (proven === null || isFinal(error))) {
        await discard(call, name, { credentialId, marked });
      }
      throw refused !== null && isTaken(error) ? refused : error;
    } finally {
      unlocked.dispose();
    }
  });
}

/** Try keys that may be registered already. A plain registration has none. */
async function tryThem(
  call: Call,
  keys: LocalKey[],
  pin: string,
): Promise<Pick<PendingOutcome<SignedIn>, 'accepted' | 'reusable' | 'refused'>> {
  if (keys.length === 0) return { accepted: null, reusable: null, refused: null };
  const { tryPending } = await rareSteps(call);
  return tryPending(call, keys, (key) => signIn(call, key, pin));
}

/**
 * Whether the name is taken. If this device has a pending key for the name under another PIN, that key's error is more
 * helpful, so the caller throws it instead.
 */
function isTaken(error: unknown): boolean {
  return hasCode(error, 'USER_ID_TAKEN');
}

function registered({ session, unlocked }: SignedIn, userId: string): RegisterResult {
  unlocked.dispose();
  return { userId, credentialId: unlocked.credentialId, session };
}

/** Make a new key. It is on disk before anything but its id leaves this device. */
async function generate(ceremony: Ceremony, name: KeyName, pin: string): Promise<UnlockedKey> {
  const { call } = ceremony;
  call.report('unlocking');
  const key = await call.storage.generateAndStore(name, { kind: 'pin', pin, assist: ceremony.assistNew });
  await call.marker?.set(name);
  return key;
}

async function enrol(
  ceremony: Ceremony,
  key: UnlockedKey,
  deviceName: string | undefined,
): Promise<Session | null> {
  const { publicKey } = key;
  const sessionKey = await generateSessionKey();
  const { thumbprint } = sessionKey;
  const proof = await ceremony.prove(key, { for: 'register', sessionKey: thumbprint });
  const pinId = ceremony.pin?.id;
  const device = deviceName === undefined ? undefined : { name: deviceName };
  const request = { ...proof, publicKey, pinId, device, sessionKey: thumbprint };
  const answer = await startSession(ceremony, registerRoute, { request, own: proof, sessionKey });
  return 'token' in answer ? sessionOf(answer, 0) : null;
}

/**
 * Refusals that come after a proof with a live challenge. The server accepts a challenge once, so no other copy of this
 * request will be accepted. None has been accepted yet, unless the outcome of an earlier sending is open.
 */
function isFinal(error: unknown): boolean {
  return hasCode(error, 'USER_ID_TAKEN', 'REGISTRATION_DENIED');
}

/**
 * The keys for which a refusal may hide a success. This client, browsers and proxies send a request again when its
 * connection breaks. The client may then get the refusal of the second copy, because the first copy spent the
 * challenge. Also, the name may be taken by a key that was sent in an earlier call, or in a sending of this call with
 * an open outcome.
 *
 * @param work `proven` is `null` if no proof was made, so that nothing was sent.
 */
async function mayBeRegistered(
  call: Call,
  error: unknown,
  {
    pending,
    credentialId,
    proven,
  }: { pending: LocalKey[]; credentialId: string; proven: IssuedChallenge | null },
): Promise<LocalKey[]> {
  if (!isZkpAuthError(error) || proven === null) return [];
  const earlier = isTaken(error) ? pending : [];
  const isOpen = isSpent(error) || isSpent(error.cause) || (isFinal(error) && proven.doubt !== undefined);
  if (!isOpen) return earlier;
  const keys = await call.storage.listKeys();
  return [...keys.filter((key) => key.credentialId === credentialId), ...earlier];
}

/**
 * Restore the name's state before the call. A record that cannot be removed now does no harm, because it is only
 * pending.
 */
async function discard(
  call: Call,
  name: KeyName,
  { credentialId, marked }: { credentialId: string; marked: boolean },
): Promise<void> {
  await call.storage.discardPendingKey(name, credentialId).catch(() => undefined);
  const left = await listKeysOf(call, name).catch(() => null);
  if (left?.length === 0 && !marked) await call.marker?.clear(name);
}
