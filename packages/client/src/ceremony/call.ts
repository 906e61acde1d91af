import {
  isZkpAuthError,
  type Outcome,
  type RegistrationResponse,
  type SessionResponse,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Phase } from '../client-types.js';
import type { PinPolicy } from '../pins/pin-policy.js';
import type { ConfirmingAccess } from '../sessions/confirmed-fetch.js';
import type { EvictionMarker } from '../storage/eviction-marker.js';
import type { PasskeySecret } from '../passkeys/get-passkey-secret.js';
import type { KeyName, LocalKey, LocalSlot } from '../storage/local-key.js';
import { unlessAborted } from '../unless-aborted.js';
import type { KeyStorage, UnlockedKey } from '../vault/key-storage.js';

/** One call of the client, and the parts of the client that it uses. */
export interface Call extends ConfirmingAccess {
  readonly storage: KeyStorage;
  /** The name of a user's keys for this server. */
  readonly nameOf: (userId: string) => KeyName;
  /** Whether new PIN slots open only with the server's help. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  readonly standing: Standing;
  /** The name of this sign-in, if the call gave one. */
  readonly deviceName?: string | undefined;
  /** See {@link rareSteps}. */
  readonly loadRareSteps: () => Promise<RareSteps>;
  /** Continue with work after the call has answered. The work gets a call without a signal and without listeners. */
  readonly later: (work: (call: Call) => Promise<void>) => void;
}

/**
 * Load the steps that most sign-ins do not take. They are in `management.ts`, so that a first sign-in does not download
 * them.
 *
 * @throws `NETWORK_ERROR` if they cannot be fetched; the signal's reason.
 */
export function rareSteps({ signal, loadRareSteps }: Call): Promise<RareSteps> {
  return unlessAborted(signal, loadRareSteps());
}

/** Steps of a sign-in with a passkey, with a key that may be registered already, or with a key or PIN slot to replace. */
export interface RareSteps {
  /** See `activate-pending.ts`. */
  readonly activatePending: (call: Call, key: LocalKey) => Promise<void>;
  /** See `get-passkey-secret.ts`. */
  readonly getPasskeySecret: (
    slots: readonly LocalSlot[],
    signal: AbortSignal | undefined,
  ) => Promise<PasskeySecret>;
  /** See `rotate-old-key.ts`. */
  readonly rotateOldKey: (call: Call, opened: Opened, old: { pin: string }) => Promise<Opened>;
  /** See `renew-pin.ts`. */
  readonly renewPin: (
    call: Call,
    key: LocalKey,
    opened: { unlocked: UnlockedKey; pin: string; pinId: Uint8Array | null },
  ) => Promise<void>;
  /** See `try-pending.ts`. */
  readonly tryPending: <T>(
    call: Call,
    keys: LocalKey[],
    attempt: (key: LocalKey) => Promise<T>,
  ) => Promise<PendingOutcome<T>>;
}

/** A key that was opened and has proven itself to the server. */
export interface Opened {
  /** The key that is active now. */
  key: LocalKey;
  /** The caller disposes of it. */
  unlocked: UnlockedKey;
  /** The PIN slot that the server helped to open. */
  pinId: Uint8Array | null;
  /** The session that continued with the new key, if opening the key replaced it. */
  moved: SessionResponse | null;
}

/** The outcome of the tries with a name's pending keys. */
export interface PendingOutcome<T> {
  /** The result for a key that the server knew. That key is active now. */
  accepted: T | null;
  /** Whether at least one key was unknown to the server. */
  unregistered: boolean;
  /** A key that opened under this PIN, for another registration. */
  reusable: LocalKey | null;
  /** The error of a key that the server knows, under a PIN other than this. */
  refused: unknown;
}

/** Whether a call has done its act so far. It is the outcome of the error that the call may end with. */
export interface Standing {
  outcome: Outcome;
}

/**
 * Make the request that decides on a call. Its outcome is open until the answer is there.
 *
 * @param isCertain whether a refusal says that nothing was done; default by its code.
 */
export async function decisive<T>(
  standing: Standing,
  request: () => Promise<T>,
  isCertain: (error: unknown) => boolean = isRefusal,
): Promise<T> {
  standing.outcome = 'unknown';
  try {
    const answer = await request();
    standing.outcome = 'done';
    return answer;
  } catch (error) {
    if (isCertain(error)) standing.outcome = 'nothing';
    throw error;
  }
}

/** Whether the server has said no, or was not asked. */
export function isRefusal(error: unknown): boolean {
  return isZkpAuthError(error) && error.outcome === 'nothing';
}

/** The user, the credential and the session to which an answer must belong. */
export interface Own {
  userId: string;
  credentialId: string;
  /** The session that was sent with the proof, if any. An answer with another session is refused. */
  sessionId?: string | undefined;
}

/**
 * Check the answer to a proof. It must belong to the user and the credential of the proof, and to the session that was
 * sent with the proof.
 *
 * @throws `INVALID_RESPONSE` for any other answer, so that an answer cannot turn one person into another.
 */
export function ownAnswer<Answer extends RegistrationResponse & { sessionId?: string }>(
  answer: Answer,
  own: Own,
): Answer {
  const { userId, credentialId, sessionId } = answer;
  const isOtherSession = 'sessionId' in own && sessionId !== undefined && sessionId !== own.sessionId;
  if (userId === own.userId && credentialId === own.credentialId && !isOtherSession) return answer;
  throw new ZkpAuthError('INVALID_RESPONSE', 'The answer is for another user or key.');
}
