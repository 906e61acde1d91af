import {
  challengeIdLength,
  challengeLength,
  confirmContextAsync,
  decodeBase64url,
  reservedActionPrefix,
  sessionKeyLength,
  ZkpAuthError,
} from '@zkp-auth/core';
import { isAccountAction } from './account-actions.js';
import type { IssuedChallenge, KeyUse, SlotSecret } from './key-storage.js';

/** One step of an open key, allowed once. The number of `retire` steps is bounded by the number of pinIds to retire. */
export type Step =
  | 'register'
  | 'login'
  | 'confirm'
  | 'open-key'
  | 'renewed slot'
  | 'PIN slot'
  | 'passkey slot'
  | 'blob'
  | 'retire'
  | 'successor'
  | 'save';

/** The steps that an open key may still take. A key and its successor share one permit. */
export interface Permit {
  readonly steps: Set<Step>;
  /** The context of the confirmation that the key was opened for. */
  readonly confirmed: Uint8Array | null;
}

/** All steps of each act (decision 46). Only a key that has to be replaced has a successor. */
const acts = {
  check: [],
  register: ['register'],
  login: ['login', 'renewed slot', 'successor'],
  'open-key': ['open-key'],
  'change-pin': ['open-key', 'PIN slot', 'retire', 'successor'],
  'add-passkey': ['open-key', 'passkey slot', 'successor'],
  export: ['open-key', 'blob', 'successor'],
} as const satisfies Record<string, readonly Step[]>;

/** The permit of a key from a blob. The key proves that it is open, takes a slot here, and is saved. */
export function importPermit(): Permit {
  return { steps: new Set<Step>(['open-key', 'PIN slot', 'save']), confirmed: null };
}

/**
 * @throws `VAULT_UNAVAILABLE` for an unknown act, and for an action that is neither an application's nor a change of the
 * account.
 */
export async function permitFor(use: KeyUse): Promise<Permit> {
  if (typeof use === 'string') {
    if (Object.hasOwn(acts, use)) return { steps: new Set<Step>(acts[use]), confirmed: null };
    throw notOpenedForThat();
  }
  const { action, payload } = use;
  const sessionKey = sessionKeyOf(use);
  const isReserved = action.startsWith(reservedActionPrefix) && !isAccountAction(action);
  if (sessionKey === null || isReserved) throw notOpenedForThat();
  const confirmed = await confirmContextAsync({ action, payload, sessionKey });
  return { steps: new Set<Step>(['confirm']), confirmed };
}

export function notOpenedForThat(): ZkpAuthError {
  return new ZkpAuthError('VAULT_UNAVAILABLE', 'The key was not opened for that.');
}

// The few fields of a message that the vault takes from its page. Each is copied, and has a fixed length.

/** `null` for a value that is not a challenge. */
export function challengeOf({ challengeId, challenge }: IssuedChallenge): IssuedChallenge | null {
  const bytes = copyOf(challenge, challengeLength);
  return bytes === null || decodeBase64url(challengeId, challengeIdLength) === null
    ? null
    : { challengeId, challenge: bytes };
}

/** `null` for a value that is not a thumbprint. */
export function sessionKeyOf({ sessionKey }: { sessionKey?: Uint8Array }): Uint8Array | null {
  return copyOf(sessionKey, sessionKeyLength);
}

function copyOf(value: Uint8Array | undefined, length: number): Uint8Array | null {
  const copy = value instanceof Uint8Array ? Uint8Array.from(value) : null;
  return copy?.length === length ? copy : null;
}

/** The server's answer with which a slot was opened or sealed. */
export interface HeardAnswer {
  pinId: Uint8Array;
  challenge: IssuedChallenge;
}

/** The secret, and a list to which each answer of its assistance is added. */
export function hearAnswers(secret: SlotSecret): { secret: SlotSecret; answers: HeardAnswer[] } {
  const answers: HeardAnswer[] = [];
  if (secret.kind !== 'pin' || secret.assist === null) return { secret, answers };
  const { pin, assist } = secret;
  return {
    secret: {
      kind: 'pin',
      pin,
      assist: async (question) => {
        const answer = await assist(question);
        const challenge = challengeOf(answer.challenge);
        if (challenge === null) throw new ZkpAuthError('INVALID_RESPONSE');
        answers.push({ pinId: answer.pinId, challenge });
        return answer;
      },
    },
    answers,
  };
}
