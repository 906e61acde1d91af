import { encodeBase64url } from '@zkp-auth/core';
import {
  cloneMarkIntervalMs,
  type Credential,
  type CredentialStore,
  type NewCredential,
} from './credential-store.js';

/** Users and credentials in this process's memory: for tests and demonstrations, gone when it ends. */
export class InMemoryCredentialStore implements CredentialStore {
  readonly #users = new Map<string, Map<string, Credential>>();
  readonly #credentials = new Map<string, Credential>();
  readonly #publicKeys = new Set<string>();

  async createUser(credential: NewCredential): Promise<'created' | 'taken'> {
    if (this.#users.has(credential.userId) || this.#isTaken(credential)) return 'taken';
    this.#users.set(credential.userId, new Map());
    this.#add(credential);
    return 'created';
  }

  async find(userId: string, credentialId: string): Promise<Credential | null> {
    const credential = this.#users.get(userId)?.get(credentialId);
    return credential === undefined ? null : { ...credential };
  }

  async list(userId: string): Promise<Credential[]> {
    return [...(this.#users.get(userId)?.values() ?? [])].map((credential) => ({ ...credential }));
  }

  async revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<boolean> {
    const credential = this.#users.get(userId)?.get(credentialId);
    if (credential === undefined || credential.revokedAtMs !== null) return false;
    credential.revokedAtMs = revokedAtMs;
    return true;
  }

  async replace(
    userId: string,
    oldCredentialId: string,
    newCredential: NewCredential,
    atMs: number,
  ): Promise<'replaced' | 'taken' | 'gone'> {
    const old = this.#users.get(userId)?.get(oldCredentialId);
    if (old === undefined || old.revokedAtMs !== null) return 'gone';
    if (this.#isTaken(newCredential)) return 'taken';
    old.revokedAtMs = atMs;
    this.#add({ ...newCredential, userId });
    return 'replaced';
  }

  async markCloneSuspected(credentialId: string, atMs: number): Promise<boolean> {
    const credential = this.#credentials.get(credentialId);
    if (credential === undefined) return false;
    const { cloneSuspectedAtMs: lastMs } = credential;
    if (lastMs !== null && Math.abs(atMs - lastMs) < cloneMarkIntervalMs) return false;
    credential.cloneSuspectedAtMs = atMs;
    return true;
  }

  #isTaken({ credentialId, publicKey }: NewCredential): boolean {
    return this.#credentials.has(credentialId) || this.#publicKeys.has(encodeBase64url(publicKey));
  }

  /** To a user that exists. */
  #add(credential: NewCredential): void {
    const stored: Credential = {
      ...credential,
      publicKey: Uint8Array.from(credential.publicKey),
      revokedAtMs: null,
      cloneSuspectedAtMs: null,
    };
    this.#users.get(stored.userId)?.set(stored.credentialId, stored);
    this.#credentials.set(stored.credentialId, stored);
    this.#publicKeys.add(encodeBase64url(stored.publicKey));
  }
}
