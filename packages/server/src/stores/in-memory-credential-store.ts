import { encodeBase64url } from '@zkp-auth/core';
import type { Credential, CredentialStore, NewCredential } from './credential-store.js';

/** Users and credentials in this process's memory: for tests and demonstrations, gone when it ends. */
export class InMemoryCredentialStore implements CredentialStore {
  readonly #users = new Map<string, Map<string, Credential>>();
  readonly #credentialIds = new Set<string>();
  readonly #publicKeys = new Set<string>();

  async createUser(credential: NewCredential): Promise<'created' | 'taken'> {
    const publicKey = encodeBase64url(credential.publicKey);
    if (
      this.#users.has(credential.userId) ||
      this.#credentialIds.has(credential.credentialId) ||
      this.#publicKeys.has(publicKey)
    ) {
      return 'taken';
    }
    const stored = { ...credential, publicKey: Uint8Array.from(credential.publicKey), revokedAtMs: null };
    this.#users.set(credential.userId, new Map([[credential.credentialId, stored]]));
    this.#credentialIds.add(credential.credentialId);
    this.#publicKeys.add(publicKey);
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
}
