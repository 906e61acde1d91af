import { decideTry, enrolledPin, withoutTry } from '../pin/try-policy.js';
import type { NewPin, Pin, PinStore, PinTry, TryOutcome } from './pin-store.js';

/** Enrolled pinIds in this process's memory: for tests and demonstrations, gone when it ends. */
export class InMemoryPinStore implements PinStore {
  readonly #pins = new Map<string, Pin>();

  async enrol(pin: NewPin, retire?: string): Promise<void> {
    if (this.#pins.has(pin.pinHash)) throw new Error('this pinHash is enrolled already');
    if (retire !== undefined) this.#retire(retire, pin.credentialId, pin.enrolledAtMs);
    this.#pins.set(pin.pinHash, enrolledPin(pin));
  }

  async withdraw(pinHash: string): Promise<void> {
    this.#pins.delete(pinHash);
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

  async grantTries(credentialId: string, count: number, pinHash?: string): Promise<number> {
    const locked = this.#pinsOf(credentialId).filter(
      (pin) =>
        pin.retiredAtMs === null &&
        pin.tries >= pin.maxTries &&
        (pinHash === undefined || pin.pinHash === pinHash),
    );
    for (const pin of locked) {
      this.#pins.set(pin.pinHash, { ...pin, maxTries: pin.maxTries + count, lastTryAtMs: null });
    }
    return locked.length;
  }

  async retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean> {
    return this.#retire(pinHash, credentialId, atMs);
  }

  async retireAllOf(credentialId: string, atMs: number): Promise<void> {
    for (const { pinHash } of this.#pinsOf(credentialId)) this.#retire(pinHash, credentialId, atMs);
  }

  async find(pinHash: string): Promise<Pin | null> {
    const pin = this.#pins.get(pinHash);
    return pin === undefined ? null : { ...pin };
  }

  async listOf(credentialId: string): Promise<Pin[]> {
    return this.#pinsOf(credentialId)
      .map((pin) => ({ ...pin }))
      .toSorted((a, b) => a.enrolledAtMs - b.enrolledAtMs);
  }

  async secretIds(): Promise<string[]> {
    const live = [...this.#pins.values()].filter((pin) => pin.retiredAtMs === null);
    return [...new Set(live.map((pin) => pin.secretId))];
  }

  async forgetRetired(beforeMs: number): Promise<number> {
    const old = [...this.#pins.values()].filter(
      ({ retiredAtMs }) => retiredAtMs !== null && retiredAtMs < beforeMs,
    );
    for (const { pinHash } of old) this.#pins.delete(pinHash);
    return old.length;
  }

  #pinsOf(credentialId: string): Pin[] {
    return [...this.#pins.values()].filter((pin) => pin.credentialId === credentialId);
  }

  #retire(pinHash: string, credentialId: string, atMs: number): boolean {
    const pin = this.#pins.get(pinHash);
    if (pin?.credentialId !== credentialId || pin.retiredAtMs !== null) return false;
    this.#pins.set(pinHash, { ...pin, retiredAtMs: atMs });
    return true;
  }
}
