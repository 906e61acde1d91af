import {
  type Argon2idParameters,
  buildMessageAsync,
  changePinContext,
  computeProofAsync,
  confirmContextAsync,
  constantTimeEqual,
  isValidOrigin,
  loginContext,
  newKeyContext,
  openKeyAction,
  type Purpose,
  registerContext,
  returnTryAction,
  type VaultRecord,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { IssuedChallenge, ProofRequest, SlotSecret } from './key-storage.js';
import type { KnownSlot } from '../storage/local-key.js';
import {
  challengeOf,
  hearAnswers,
  type HeardAnswer,
  notOpenedForThat,
  type Permit,
  sessionKeyOf,
  type Step,
} from './permits.js';
import { sealSlot } from './seal-slot.js';

/**
 * The longest time that a key stays open, even if its page never closes it. A person in front of a passkey prompt takes
 * time.
 */
const openForMs = 10 * 60_000;

const nothing = new Uint8Array(0);

type Context = Uint8Array | Promise<Uint8Array>;

export interface OpenKeyParts {
  record: VaultRecord;
  secretKey: Uint8Array;
  /** The source of the record. */
  from: 'storage' | 'blob' | 'version 1 blob';
  permit: Permit;
  /** The PIN that opened or sealed it, or `null` for another secret. */
  pin: string | null;
  /** The server's answers on the way, in order. */
  answers: readonly HeardAnswer[];
  /** Whether these answers were tries of an enrolled PIN. */
  tried: boolean;
  /** Whether the key has to be replaced. */
  mustRotate: boolean;
}

/** A sealed PIN slot that is not enrolled yet. */
interface Sealed extends HeardAnswer {
  /** Whether its proof has to name a slot to retire. */
  retires: boolean;
}

/** The replacement of a key by its successor. Both keys prove it. */
interface Rotation {
  newPublicKey: Uint8Array;
  drawn: HeardAnswer | undefined;
}

/**
 * An open key, and the steps that it may still take. It builds the message of every proof itself. A request for any
 * other step closes it, because our own pages never make one.
 */
export class OpenKey {
  readonly record: VaultRecord;
  readonly from: OpenKeyParts['from'];
  readonly permit: Permit;
  readonly #secretKey: Uint8Array;
  readonly #pin: string | null;
  /** The answer that opened the key, or with which it was sealed. */
  readonly #answer: HeardAnswer | undefined;
  /** The challenges of its tries for which no return was made yet. */
  readonly #tries: IssuedChallenge[];
  /** PIN slots that a new one may retire. */
  readonly #retirable: Uint8Array[];
  readonly #timer: ReturnType<typeof setTimeout>;
  #sealed: Sealed | null = null;
  #rotation: Rotation | null = null;
  #isOpen = true;

  constructor({ record, secretKey, from, permit, pin, answers, tried, mustRotate }: OpenKeyParts) {
    const { steps } = permit;
    if (pin === null) steps.delete('renewed slot');
    if (pin === null || !mustRotate) steps.delete('successor');
    this.record = record;
    this.from = from;
    this.permit = permit;
    this.#secretKey = secretKey;
    // The PIN is kept only as long as a new slot may be sealed under it.
    this.#pin = steps.has('renewed slot') || steps.has('successor') ? pin : null;
    this.#answer = answers.at(-1);
    this.#tries = tried ? answers.map(({ challenge }) => challenge) : [];
    this.#retirable = steps.has('retire') ? pinIdsIn(record) : [];
    if (steps.has('renewed slot') && this.#answer !== undefined) this.#retirable.push(this.#answer.pinId);
    this.#timer = setTimeout(() => this.dispose(), openForMs);
    // In Node.js, the timer keeps no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Take one step for which the key was opened. @throws `VAULT_UNAVAILABLE`. */
  take(step: Step): void {
    this.#assertOpen();
    if (!this.permit.steps.delete(step)) this.#refuse();
  }

  /** Wrap the key in a slot to be added. */
  async sealSlot(secret: SlotSecret, argon2: Argon2idParameters): Promise<KnownSlot> {
    const renews = this.permit.steps.has('renewed slot');
    if (secret.kind === 'passphrase' || (renews && !this.#renews(secret))) this.#refuse();
    this.take(renews ? 'renewed slot' : secret.kind === 'pin' ? 'PIN slot' : 'passkey slot');
    return this.#seal(secret, argon2, renews && this.#answer !== undefined);
  }

  /**
   * Wrap the key in the slot of a blob. The proof that retires a slot needs such a wrapping as well, and the wrapping
   * is then dropped.
   */
  async sealBlob(secret: SlotSecret, argon2: Argon2idParameters): Promise<KnownSlot> {
    const retires = this.permit.steps.has('retire');
    if (!retires) this.take('blob');
    else if (this.#sealed !== null || this.#retirable.length === 0) this.#refuse();
    return this.#seal(secret, argon2, retires);
  }

  /** Begin to replace the key. The successor is sealed under the same PIN, and not in a weaker way. */
  beginRotation(secret: SlotSecret): void {
    const isWeaker = secret.kind === 'pin' && secret.assist === null && this.#answer !== undefined;
    if (isWeaker || !this.#isOwn(secret)) this.#refuse();
    this.take('successor');
  }

  succeededBy(successor: OpenKey): void {
    const rotation = { newPublicKey: successor.record.publicKey, drawn: successor.#answer };
    this.#rotation = rotation;
    successor.#rotation = rotation;
  }

  async prove(request: ProofRequest, origin: string | undefined): Promise<Uint8Array> {
    this.#assertOpen();
    const challenge = challengeOf(request);
    if (challenge === null || !isValidOrigin(origin)) this.#refuse();
    const [purpose, context] = this.#bind(request, challenge);
    const { userId, audience, credentialId } = this.record;
    // If the key is closed while the message is hashed, the proof is finished as if it had been hashed before.
    const secretKey = Uint8Array.from(this.#secretKey);
    const bound = { purpose, origin, audience, userId, credentialId, ...challenge };
    try {
      const message = await buildMessageAsync({ ...bound, context: await context });
      const proof = await computeProofAsync(secretKey, message);
      if (this.permit.steps.size === 0 && this.#sealed === null && this.#rotation === null) this.dispose();
      return proof;
    } finally {
      wipe(secretKey);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#isOpen = false;
    wipe(this.#secretKey);
  }

  /** The purpose and context of a proof. The step of the proof is then spent. */
  #bind(request: ProofRequest, challenge: IssuedChallenge): [purpose: Purpose, context: Context] {
    switch (request.for) {
      case 'return': {
        const at = this.#tries.findIndex((each) => isSame(each, challenge));
        if (at === -1) this.#refuse();
        this.#tries.splice(at, 1);
        return ['confirm', confirmContextAsync({ action: returnTryAction, payload: nothing })];
      }
      case 'change-pin': {
        const sealed = this.#sealed ?? this.#refuse();
        this.#expect(sealed, challenge);
        this.#sealed = null;
        const { pinId: newPinId } = sealed;
        const oldPinId = this.#retire(request.oldPinId, sealed);
        return ['change-pin', changePinContext({ ...(oldPinId === null ? {} : { oldPinId }), newPinId })];
      }
      case 'rotate-key': {
        const { newPublicKey, drawn } = this.#rotation ?? this.#refuse();
        this.#expect(drawn, challenge);
        this.#rotation = null;
        const pin = drawn === undefined ? {} : { newPinId: drawn.pinId };
        return ['rotate-key', newKeyContext({ newPublicKey, ...pin })];
      }
      case 'open-key':
        this.#spend('open-key', challenge);
        return ['confirm', confirmContextAsync({ action: openKeyAction, payload: nothing })];
      case 'confirm':
        this.#spend('confirm', challenge);
        return ['confirm', this.permit.confirmed ?? this.#refuse()];
      case 'login':
        this.#spend('login', challenge);
        return ['login', loginContext({ sessionKey: sessionKeyOf(request) ?? this.#refuse() })];
      case 'register': {
        this.#spend('register', challenge);
        const sessionKey = sessionKeyOf(request) ?? this.#refuse();
        const pin = this.#answer === undefined ? {} : { pinId: this.#answer.pinId };
        return ['register', registerContext({ publicKey: this.record.publicKey, ...pin, sessionKey })];
      }
      default:
        this.#refuse();
    }
  }

  #spend(step: Step, challenge: IssuedChallenge): void {
    this.take(step);
    this.#expect(this.#answer, challenge);
  }

  /** The proof uses the challenge of the server's answer, so that exactly one try is given back for it. */
  #expect(answer: HeardAnswer | undefined, challenge: IssuedChallenge): void {
    if (answer !== undefined && !isSame(answer.challenge, challenge)) this.#refuse();
  }

  #retire(oldPinId: Uint8Array | null, { retires }: Sealed): Uint8Array | null {
    if (oldPinId === null && !retires) return null;
    const at = this.#retirable.findIndex((id) => oldPinId !== null && constantTimeEqual(id, oldPinId));
    return this.#retirable.splice(at === -1 ? Infinity : at, 1)[0] ?? this.#refuse();
  }

  async #seal(secret: SlotSecret, argon2: Argon2idParameters, retires: boolean): Promise<KnownSlot> {
    this.#assertOpen();
    const heard = hearAnswers(secret);
    const slot = await sealSlot(this.record, this.#secretKey, heard.secret, argon2);
    // If the key was closed meanwhile, the sealed bytes are zeros.
    this.#assertOpen();
    const [answer] = heard.answers;
    this.#sealed = answer === undefined ? null : { ...answer, retires };
    return slot;
  }

  /** Whether a secret fits a renewal. After the proof of the login, it must be the same PIN with the server's help. */
  #renews(secret: SlotSecret): boolean {
    return secret.kind === 'pin' && secret.assist !== null && this.#isOwn(secret);
  }

  #isOwn(secret: SlotSecret): boolean {
    const { steps } = this.permit;
    const hasProven = !steps.has('login') && !steps.has('open-key');
    return secret.kind === 'pin' && secret.pin === this.#pin && hasProven;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new ZkpAuthError('VAULT_UNAVAILABLE', 'The key has been closed.');
  }

  #refuse(): never {
    this.#assertOpen();
    this.dispose();
    throw notOpenedForThat();
  }
}

function pinIdsIn({ slots }: VaultRecord): Uint8Array[] {
  return slots.flatMap((slot) => (slot.kind === 'pin' && slot.pinId !== null ? [slot.pinId] : []));
}

function isSame(a: IssuedChallenge, b: IssuedChallenge): boolean {
  return a.challengeId === b.challengeId && constantTimeEqual(a.challenge, b.challenge);
}
