import { erasedCredentialHash, isReservedAt, laterEnd, type ReservedName } from './user-erasure.js';

/** What stays of erased users in this process's memory: reserved names and the ids of credentials, each as a hash. */
export class InMemoryErasures {
  /** The ends of the reservations, by the hash of the name. `null` is for ever. */
  readonly #reserved = new Map<string, number | null>();
  readonly #credentials = new Set<string>();

  reserve({ nameHash, untilMs }: ReservedName): void {
    const before = this.#reserved.get(nameHash);
    this.#reserved.set(nameHash, before === undefined ? untilMs : laterEnd(before, untilMs));
  }

  isReserved(nameHashes: readonly string[], atMs: number): boolean {
    return nameHashes.some((nameHash) => {
      const untilMs = this.#reserved.get(nameHash);
      return untilMs !== undefined && isReservedAt(untilMs, atMs);
    });
  }

  keepCredential(credentialId: string): void {
    this.#credentials.add(erasedCredentialHash(credentialId));
  }

  hasCredential(credentialId: string): boolean {
    return this.#credentials.size > 0 && this.#credentials.has(erasedCredentialHash(credentialId));
  }

  forgetEnded(nowMs: number): void {
    for (const [nameHash, untilMs] of this.#reserved)
      if (!isReservedAt(untilMs, nowMs)) this.#reserved.delete(nameHash);
  }
}
