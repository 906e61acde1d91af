import { setImmediate as nextTurn } from 'node:timers/promises';
import { maxListedPins, maxPruned, maxRetiredPins } from './pin-limits.js';
import {
  attemptsLeftOf,
  decideTry,
  decideUnlock,
  enrolledPin,
  questionOf,
  withoutTry,
} from './try-policy.js';
import { erasedAtOnce } from './user-erasure.js';
import type { Enrolment, NewPin, Pin, PinStore, PinTry, TryOutcome, UnlockOutcome } from './pin-store.js';

/** The pinHashes of a credential. */
interface Hashes {
  live: Set<string>;
  /** In the order of their retirement. */
  retired: Set<string>;
}

/** How many pins are read in one turn of the event loop. */
const sliceLength = 1_000;

/** Enrolled pinIds in this process's memory, for tests and demonstrations. They end with the process. */
export class InMemoryPinStore implements PinStore {
  readonly #pins = new Map<string, Pin>();
  readonly #hashesOf = new Map<string, Hashes>();
  /** How many live pins need each secret. */
  readonly #needed = new Map<string, number>();

  async enrol(
    pin: NewPin,
    { limit, replaced, isNewPin = false }: Enrolment = {},
  ): Promise<'enrolled' | 'full'> {
    const { pinHash, credentialId, enrolledAtMs } = pin;
    if (this.#pins.has(pinHash)) throw new Error('this pinHash is enrolled already');
    const named = replaced === undefined ? undefined : this.#pins.get(replaced);
    const old = named?.credentialId === credentialId ? named : null;
    const { live } = this.#ofCredential(credentialId);
    if (old?.retiredAtMs !== null && limit !== undefined && live.size >= limit) return 'full';
    if (old !== null) this.#retire(old.pinHash, credentialId, enrolledAtMs);
    this.#add(enrolledPin(pin, isNewPin ? null : old));
    this.#prune(credentialId);
    return 'enrolled';
  }

  async withdraw(pinHash: string): Promise<void> {
    this.#delete(pinHash);
  }

  async takeTry(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome> {
    const pin = this.#pins.get(pinHash);
    if (pin === undefined) return { kind: 'unknown' };
    const outcome = decideTry(pin, asked, nowMs);
    this.#pins.set(pinHash, outcome.pin);
    return { ...outcome, pin: { ...outcome.pin } };
  }

  async giveBackTry(pinHash: string, credentialId: string, questionHash: string): Promise<boolean> {
    const pin = this.#pins.get(pinHash);
    const next = pin === undefined ? null : withoutTry(pin, credentialId, questionHash);
    if (next !== null) this.#pins.set(pinHash, next);
    return next !== null;
  }

  async giveBackTryOf(credentialId: string, challengeHash: string): Promise<Pin | null> {
    for (const pin of this.#pinsIn(this.#hashesOf.get(credentialId)?.live ?? [])) {
      const next = withoutTry(pin, credentialId, questionOf(pin, challengeHash) ?? '');
      if (next === null) continue;
      this.#pins.set(pin.pinHash, next);
      return { ...next };
    }
    return null;
  }

  async grantTries(credentialId: string, count: number, pinHash?: string): Promise<number> {
    const locked = this.#pinsIn(this.#hashesOf.get(credentialId)?.live ?? []).filter(
      (pin) =>
        pin.frozenAtMs === null &&
        attemptsLeftOf(pin) === 0 &&
        (pinHash === undefined || pin.pinHash === pinHash),
    );
    for (const pin of locked) {
      this.#pins.set(pin.pinHash, { ...pin, maxTries: pin.maxTries + count, lastTryAtMs: null });
    }
    return locked.length;
  }

  async unlock(
    { userId, credentialId }: { userId: string; credentialId: string },
    nowMs: number,
  ): Promise<UnlockOutcome> {
    const newest = this.#newest(credentialId);
    if (newest?.userId !== userId) return { kind: 'unknown' };
    const outcome = decideUnlock(newest, nowMs);
    if (outcome.kind === 'unlocked') this.#pins.set(newest.pinHash, outcome.pin);
    return outcome;
  }

  async retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean> {
    return this.#retire(pinHash, credentialId, atMs);
  }

  async retireAllOf(credentialId: string, atMs: number): Promise<void> {
    for (const pinHash of this.#hashesOf.get(credentialId)?.live ?? [])
      this.#retire(pinHash, credentialId, atMs);
  }

  async freezeAllOf(credentialId: string, atMs: number): Promise<void> {
    for (const pin of this.#pinsIn(this.#hashesOf.get(credentialId)?.live ?? [])) {
      if (pin.frozenAtMs !== null) continue;
      this.#pins.set(pin.pinHash, { ...pin, frozenAtMs: atMs });
      this.#release(pin);
    }
  }

  async find(pinHash: string): Promise<Pin | null> {
    const pin = this.#pins.get(pinHash);
    return pin === undefined ? null : { ...pin };
  }

  async listOf(credentialId: string): Promise<Pin[]> {
    const { live, retired } = this.#hashesOf.get(credentialId) ?? { live: [], retired: [] };
    const [living, last] = [[...live].slice(0, maxListedPins), [...retired].slice(-maxRetiredPins)];
    return this.#pinsIn([...living, ...last])
      .map((pin) => ({ ...pin }))
      .toSorted((a, b) => a.enrolledAtMs - b.enrolledAtMs);
  }

  async newestOf(credentialIds: readonly string[]): Promise<Pin[]> {
    return credentialIds.flatMap((credentialId) => {
      const newest = this.#newest(credentialId);
      return newest === undefined ? [] : [{ ...newest }];
    });
  }

  async secretIds(): Promise<string[]> {
    return [...this.#needed.keys()];
  }

  async forgetRetired(beforeMs: number): Promise<number> {
    let [seen, forgotten] = [0, 0];
    for (const { pinHash, retiredAtMs, frozenAtMs } of this.#pins.values()) {
      if (++seen % sliceLength === 0) await nextTurn();
      if ((retiredAtMs ?? frozenAtMs ?? beforeMs) >= beforeMs) continue;
      this.#delete(pinHash);
      forgotten++;
    }
    return forgotten;
  }

  async erase(userId: string): Promise<string[]> {
    const erased: string[] = [];
    let seen = 0;
    for (const pin of this.#pins.values()) {
      if (++seen % sliceLength === 0) await nextTurn();
      if (pin.userId !== userId) continue;
      this.#delete(pin.pinHash);
      if (erased.push(pin.pinHash) === erasedAtOnce) break;
    }
    return erased;
  }

  #add(pin: Pin): void {
    const { pinHash, credentialId, secretId } = pin;
    this.#pins.set(pinHash, pin);
    const hashes = this.#ofCredential(credentialId);
    this.#hashesOf.set(credentialId, hashes);
    hashes.live.add(pinHash);
    this.#needed.set(secretId, (this.#needed.get(secretId) ?? 0) + 1);
  }

  #ofCredential(credentialId: string): Hashes {
    return this.#hashesOf.get(credentialId) ?? { live: new Set(), retired: new Set() };
  }

  /** The pin that was enrolled last and is not retired. */
  #newest(credentialId: string): Pin | undefined {
    const live = this.#pinsIn(this.#hashesOf.get(credentialId)?.live ?? []);
    return live.toSorted((a, b) => b.enrolledAtMs - a.enrolledAtMs)[0];
  }

  #pinsIn(hashes: Iterable<string>): Pin[] {
    return [...hashes].map((pinHash) => this.#pins.get(pinHash) as Pin);
  }

  #retire(pinHash: string, credentialId: string, atMs: number): boolean {
    const pin = this.#pins.get(pinHash);
    if (pin?.credentialId !== credentialId || pin.retiredAtMs !== null) return false;
    this.#pins.set(pinHash, { ...pin, retiredAtMs: atMs });
    const { live, retired } = this.#ofCredential(credentialId);
    live.delete(pinHash);
    retired.add(pinHash);
    if (pin.frozenAtMs === null) this.#release(pin);
    return true;
  }

  #prune(credentialId: string): void {
    const { retired } = this.#ofCredential(credentialId);
    const surplus = Math.min(retired.size - maxRetiredPins, maxPruned);
    const oldest = retired.values();
    for (let n = 0; n < surplus; n++) this.#delete(oldest.next().value as string);
  }

  #delete(pinHash: string): void {
    const pin = this.#pins.get(pinHash);
    if (pin === undefined) return;
    const { credentialId } = pin;
    const { live, retired } = this.#ofCredential(credentialId);
    this.#pins.delete(pinHash);
    if (live.delete(pinHash) && pin.frozenAtMs === null) this.#release(pin);
    retired.delete(pinHash);
    if (live.size + retired.size === 0) this.#hashesOf.delete(credentialId);
  }

  /** Count one live pin less that needs its secret. */
  #release({ secretId }: Pin): void {
    const left = (this.#needed.get(secretId) ?? 0) - 1;
    if (left > 0) this.#needed.set(secretId, left);
    else this.#needed.delete(secretId);
  }
}
