import { encodeBase64url } from '@zkp-auth/core';
import {
  decideAddition,
  decideGrant,
  decideRevocation,
  isActing,
  isPending,
  pendingAfter,
} from './credential-policy.js';
import {
  type AddCredentialOptions,
  type AddedCredential,
  type Addition,
  cloneMarkIntervalMs,
  type Credential,
  type CredentialChange,
  type CreateUserOptions,
  type CredentialStore,
  type EnrolmentGrant,
  type Granting,
  type LiveCredential,
  maxRevokedListed,
  type NewCredential,
  type Renaming,
  type Revocation,
  type RevocationRequest,
  useMarkIntervalMs,
} from './credential-store.js';
import { InMemoryErasures } from './in-memory-erasures.js';
import { InMemoryLinkStore } from './in-memory-link-store.js';
import type { LinkSource } from './link-source.js';
import type { LinkStore } from './link-store.js';
import { isNear } from './is-near.js';
import type { NewPin } from './pin-store.js';
import {
  erasedAtOnce,
  type ErasureRequest,
  type ErasureStart,
  type ListedUser,
  type UserPage,
} from './user-erasure.js';

interface StoredCredential {
  /** Without the time of suspension, which belongs to the user. */
  credential: Omit<Credential, 'suspendedAtMs'>;
  /** The id of the first credential of the lineage. */
  lineageId: string;
}

type Created = NewCredential &
  Pick<Credential, 'kind' | 'addedBy'> &
  Partial<Pick<Credential, 'pendingUntilMs' | 'lastUsedAtMs'>>;

interface User {
  suspendedAtMs: number | null;
  live: Map<string, StoredCredential>;
  /** By the hash of their token, oldest first. */
  grants: Map<string, EnrolmentGrant>;
  /** The ids of all credentials, revoked ones included. */
  ids: Set<string>;
  /** Whether it is being erased. Then it is suspended too. */
  isErasing: boolean;
  createdAtMs: number;
  /** The credentials that were revoked last, oldest first. */
  lastRevoked: StoredCredential[];
}

/** Users and credentials in this process's memory, for tests and demonstrations. They end with the process. */
export class InMemoryCredentialStore implements CredentialStore, LinkSource {
  readonly #users = new Map<string, User>();
  readonly #credentials = new Map<string, StoredCredential>();
  readonly #publicKeys = new Set<string>();
  readonly #erasures = new InMemoryErasures();
  readonly #links: LinkStore = new InMemoryLinkStore(this);

  linkStore(): LinkStore {
    return this.#links;
  }

  async createUser(
    credential: NewCredential,
    _pin?: NewPin,
    { nameHashes = [], within }: CreateUserOptions = {},
  ): Promise<'created' | 'taken'> {
    if (this.#isTaken(credential) || this.#users.has(credential.userId)) return 'taken';
    const { createdAtMs } = credential;
    if (this.#erasures.isReserved(nameHashes, createdAtMs)) return 'taken';
    const user: User = {
      suspendedAtMs: null,
      live: new Map(),
      grants: new Map(),
      ids: new Set(),
      isErasing: false,
      createdAtMs,
      lastRevoked: [],
    };
    this.#users.set(credential.userId, user);
    this.#add(user, { ...credential, kind: 'device', addedBy: null }, credential.credentialId);
    try {
      await within?.(undefined);
    } catch (error) {
      this.#users.delete(credential.userId);
      this.#credentials.delete(credential.credentialId);
      this.#publicKeys.delete(encodeBase64url(credential.publicKey));
      throw error;
    }
    return 'created';
  }

  async find(userId: string, credentialId: string): Promise<Credential | null> {
    const stored = this.#credentials.get(credentialId);
    const user = this.#users.get(userId);
    return user === undefined || stored?.credential.userId !== userId ? null : credentialOf(user, stored);
  }

  async list(userId: string): Promise<Credential[]> {
    const user = this.#users.get(userId);
    if (user === undefined) return [];
    return [...user.lastRevoked, ...user.live.values()]
      .map((stored) => credentialOf(user, stored))
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  async revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<string | null> {
    const request = { userId, credentialId, by: null, atMs: revokedAtMs, evenTheLast: true };
    const outcome = this.#revoke(request);
    return outcome.kind === 'revoked' ? outcome.credentialId : null;
  }

  async revokeBy(request: RevocationRequest): Promise<Revocation> {
    return this.#revoke(request);
  }

  async rename(change: CredentialChange, deviceName: string): Promise<Renaming> {
    const { userId, by, atMs } = change;
    const user = this.#users.get(userId);
    const target = this.#liveOf(user, change);
    if (user === undefined || target === undefined) return { kind: 'unknown' };
    if (by !== null && (user.suspendedAtMs !== null || !isActing(liveIn(user), by, atMs)))
      return { kind: 'gone' };
    const { credentialId, deviceName: formerName } = target.credential;
    target.credential.deviceName = deviceName;
    return { kind: 'renamed', credentialId, formerName };
  }

  async addCredential(credential: AddedCredential, options: AddCredentialOptions = {}): Promise<Addition> {
    const user = this.#users.get(credential.userId);
    if (user === undefined || user.suspendedAtMs !== null) return { kind: 'gone' };
    const decision = decideAddition(liveIn(user), credential, options);
    if (decision.kind === 'gone') return decision;
    const { grant } = options;
    const granted = grant === undefined ? undefined : user.grants.get(grant);
    if (grant !== undefined && !(granted !== undefined && credential.createdAtMs < granted.expiresAtMs))
      return { kind: 'ungranted' };
    if (this.#isTaken(credential)) return { kind: 'taken' };
    if (decision.kind !== 'added') return decision;
    if (grant !== undefined) user.grants.delete(grant);
    this.#end(user, decision.ended, credential.createdAtMs);
    this.#add(user, { ...credential, lastUsedAtMs: null }, credential.credentialId);
    return decision;
  }

  async addGrant(grant: EnrolmentGrant, max: number): Promise<Granting> {
    const user = this.#users.get(grant.userId);
    if (user === undefined || user.suspendedAtMs !== null) return { kind: 'gone' };
    for (const [hash, { expiresAtMs }] of user.grants)
      if (expiresAtMs <= grant.createdAtMs) user.grants.delete(hash);
    const expiries = [...user.grants.values()].map(({ expiresAtMs }) => expiresAtMs);
    const decision = decideGrant(expiries, grant, max);
    if (decision.kind === 'granted') user.grants.set(grant.tokenHash, { ...grant });
    return decision;
  }

  async listGrants(userId: string, nowMs: number): Promise<EnrolmentGrant[]> {
    const grants = [...(this.#users.get(userId)?.grants.values() ?? [])];
    return grants.filter(({ expiresAtMs }) => nowMs < expiresAtMs).map((grant) => ({ ...grant }));
  }

  async withdrawGrant(userId: string, tokenHash: string): Promise<boolean> {
    return this.#users.get(userId)?.grants.delete(tokenHash) ?? false;
  }

  async replace(
    oldCredentialId: string,
    newCredential: NewCredential,
  ): Promise<'replaced' | 'taken' | 'gone'> {
    const user = this.#users.get(newCredential.userId);
    const old = user?.live.get(oldCredentialId);
    if (user === undefined || old === undefined || user.suspendedAtMs !== null) return 'gone';
    if (this.#isTaken(newCredential)) return 'taken';
    const { createdAtMs, credentialId } = newCredential;
    const { kind, addedBy } = old.credential;
    retire(user, old, { revokedAtMs: createdAtMs, replacedBy: credentialId });
    for (const { credential } of user.live.values())
      if (credential.addedBy === oldCredentialId) credential.addedBy = credentialId;
    this.#add(user, { ...newCredential, kind, addedBy }, old.lineageId);
    return 'replaced';
  }

  async suspend(userId: string, atMs: number): Promise<boolean> {
    const user = this.#users.get(userId);
    if (user === undefined || user.isErasing || user.suspendedAtMs !== null) return false;
    user.suspendedAtMs = atMs;
    return true;
  }

  async resume(userId: string, atMs: number): Promise<boolean> {
    const user = this.#users.get(userId);
    if (user === undefined || user.isErasing || user.suspendedAtMs === null) return false;
    for (const { credential } of user.live.values())
      credential.pendingUntilMs = pendingAfter(credential, user.suspendedAtMs, atMs);
    user.suspendedAtMs = null;
    return true;
  }

  async markCloneSuspected(credentialId: string, atMs: number): Promise<boolean> {
    const credential = this.#credentials.get(credentialId)?.credential;
    if (credential === undefined) return false;
    if (isNear(credential.cloneSuspectedAtMs, atMs, cloneMarkIntervalMs)) return false;
    credential.cloneSuspectedAtMs = atMs;
    return true;
  }

  async beginErasure({ userId, atMs, reserved, by }: ErasureRequest): Promise<ErasureStart> {
    const user = this.#users.get(userId);
    if (user === undefined)
      return this.#erasures.isReserved([reserved.nameHash], atMs) ? 'erased' : 'unknown';
    if (by !== null && (user.suspendedAtMs !== null || !isActing(liveIn(user), by, atMs))) return 'gone';
    this.#erasures.reserve(reserved);
    if (user.isErasing) return 'erasing';
    user.isErasing = true;
    user.suspendedAtMs ??= atMs;
    return 'begun';
  }

  async eraseCredentials(userId: string): Promise<string[] | null> {
    const user = this.#users.get(userId);
    if (user === undefined || !user.isErasing || user.ids.size === 0) return null;
    const credentialIds = [...user.ids].slice(0, erasedAtOnce);
    for (const credentialId of credentialIds) {
      const { credential } = this.#credentials.get(credentialId) as StoredCredential;
      this.#erasures.keepCredential(credentialId);
      this.#publicKeys.delete(encodeBase64url(credential.publicKey));
      this.#credentials.delete(credentialId);
      user.live.delete(credentialId);
      user.ids.delete(credentialId);
    }
    user.lastRevoked = user.lastRevoked.filter(({ credential }) => user.ids.has(credential.credentialId));
    return credentialIds;
  }

  async finishErasure(userId: string, nowMs: number): Promise<boolean> {
    this.#erasures.forgetEnded(nowMs);
    const user = this.#users.get(userId);
    return user !== undefined && user.isErasing && user.ids.size === 0 && this.#users.delete(userId);
  }

  async listErasing(limit: number): Promise<string[]> {
    return [...this.#users].flatMap(([userId, { isErasing }]) => (isErasing ? [userId] : [])).slice(0, limit);
  }

  /** It sorts all names for each page, which is fit for tests only. */
  async listUsers({ after, limit, nowMs }: UserPage): Promise<ListedUser[]> {
    return [...this.#users]
      .filter(([userId, { isErasing }]) => !isErasing && (after === undefined || userId > after))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([userId, { createdAtMs, suspendedAtMs, live }]) => {
        const credentials = [...live.values()]
          .map(({ credential }) => credential)
          .filter((credential) => !isPending(credential, nowMs));
        const uses = credentials.flatMap(({ lastUsedAtMs }) => (lastUsedAtMs === null ? [] : [lastUsedAtMs]));
        const lastUsedAtMs = uses.length === 0 ? null : Math.max(...uses);
        return { userId, createdAtMs, lastUsedAtMs, liveCredentials: credentials.length, suspendedAtMs };
      });
  }

  async markUsed(credentialId: string, atMs: number): Promise<boolean> {
    const credential = this.#credentials.get(credentialId)?.credential;
    if (credential === undefined || isNear(credential.lastUsedAtMs, atMs, useMarkIntervalMs)) return false;
    credential.lastUsedAtMs = atMs;
    return true;
  }

  #revoke(request: RevocationRequest): Revocation {
    const { userId, credentialId, by, atMs } = request;
    const user = this.#users.get(userId);
    if (user === undefined || this.#credentials.get(credentialId)?.credential.userId !== userId)
      return { kind: 'unknown' };
    if (by !== null && user.suspendedAtMs !== null) return { kind: 'gone' };
    const decision = decideRevocation(liveIn(user), this.#liveOf(user, request)?.credential, request);
    if (decision.kind === 'revoked') this.#end(user, decision.ended, atMs);
    return decision;
  }

  /** The live or pending credential of the lineage to which this one belongs. */
  #liveOf(user: User | undefined, { userId, credentialId }: CredentialChange): StoredCredential | undefined {
    const asked = this.#credentials.get(credentialId);
    if (user === undefined || asked?.credential.userId !== userId) return undefined;
    return [...user.live.values()].find(({ lineageId }) => lineageId === asked.lineageId);
  }

  #end(user: User, ended: readonly LiveCredential[], revokedAtMs: number): void {
    for (const { credentialId } of ended) {
      const stored = user.live.get(credentialId);
      if (stored !== undefined) retire(user, stored, { revokedAtMs });
    }
  }

  #isTaken({ credentialId, publicKey }: NewCredential): boolean {
    return (
      this.#credentials.has(credentialId) ||
      this.#publicKeys.has(encodeBase64url(publicKey)) ||
      this.#erasures.hasCredential(credentialId)
    );
  }

  #add(user: User, created: Created, lineageId: string): void {
    const credential = {
      pendingUntilMs: null,
      lastUsedAtMs: created.createdAtMs,
      ...created,
      publicKey: Uint8Array.from(created.publicKey),
      revokedAtMs: null,
      replacedBy: null,
      cloneSuspectedAtMs: null,
    };
    const stored: StoredCredential = { credential, lineageId };
    user.live.set(credential.credentialId, stored);
    user.ids.add(credential.credentialId);
    this.#credentials.set(credential.credentialId, stored);
    this.#publicKeys.add(encodeBase64url(credential.publicKey));
  }
}

function liveIn(user: User): LiveCredential[] {
  return [...user.live.values()].map(({ credential }) => credential);
}

function retire(
  user: User,
  stored: StoredCredential,
  how: Partial<Pick<Credential, 'revokedAtMs' | 'replacedBy'>>,
): void {
  Object.assign(stored.credential, how);
  user.live.delete(stored.credential.credentialId);
  user.lastRevoked.push(stored);
  if (user.lastRevoked.length > maxRevokedListed) user.lastRevoked.shift();
}

function credentialOf({ suspendedAtMs }: User, { credential }: StoredCredential): Credential {
  return { ...credential, suspendedAtMs };
}
