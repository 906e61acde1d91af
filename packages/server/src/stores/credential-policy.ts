import type {
  AddCredentialOptions,
  AddedCredential,
  Credential,
  EnrolmentGrant,
  Granting,
  LiveCredential,
  RevocationRequest,
} from './credential-store.js';

/** The most devices that wait for one recovery kit, and the most that wait after enrolments. */
export const maxPendingDevices = 3;

/** The most live and pending credentials of a user. */
export const maxLiveCredentials = 32;

/**
 * The state of a credential. `revoked` is final. A `replaced` one has a successor under another key. All stores and
 * operations share this rule.
 */
export type CredentialState = 'live' | 'pending' | 'revoked' | 'replaced';

export function stateOf(
  credential: Pick<Credential, 'pendingUntilMs' | 'revokedAtMs' | 'replacedBy'>,
  nowMs: number,
): CredentialState {
  if (credential.replacedBy !== null) return 'replaced';
  if (credential.revokedAtMs !== null) return 'revoked';
  return isPending(credential, nowMs) ? 'pending' : 'live';
}

export function isPending({ pendingUntilMs }: Pick<Credential, 'pendingUntilMs'>, nowMs: number): boolean {
  return pendingUntilMs !== null && nowMs < pendingUntilMs;
}

/**
 * The end of being pending after a suspension. Nobody could stop a pending device meanwhile, so the suspension does not
 * count. All stores share this rule.
 */
export function pendingAfter(
  { pendingUntilMs }: Pick<Credential, 'pendingUntilMs'>,
  suspendedAtMs: number,
  resumedAtMs: number,
): number | null {
  if (pendingUntilMs === null || pendingUntilMs <= suspendedAtMs) return pendingUntilMs;
  return pendingUntilMs + Math.max(0, resumedAtMs - suspendedAtMs);
}

/**
 * Whether a user with these grants may get a further one. All stores share this rule.
 *
 * @param expiries of the grants that the user has, in milliseconds since 1970.
 */
export function decideGrant(
  expiries: readonly number[],
  { createdAtMs }: Pick<EnrolmentGrant, 'createdAtMs'>,
  max: number,
): Granting {
  const live = expiries.filter((expiresAtMs) => createdAtMs < expiresAtMs);
  return live.length < max ? { kind: 'granted' } : { kind: 'full', freeAtMs: Math.min(...live) };
}

/** Whether a credential that is neither revoked nor replaced signs in. */
export function isDevice(credential: LiveCredential, nowMs: number): boolean {
  return credential.kind === 'device' && !isPending(credential, nowMs);
}

/**
 * Whether a credential may be added to the live and pending ones of its user. All stores share this rule.
 *
 * @returns the credentials that it ends, which are an older recovery credential and its pending devices.
 */
export function decideAddition(
  live: readonly LiveCredential[],
  { kind, addedBy, createdAtMs }: AddedCredential,
  { maxPending = Infinity }: AddCredentialOptions,
): { kind: 'added'; ended: LiveCredential[] } | { kind: 'waiting' | 'full' | 'gone' } {
  const adder = live.find(({ credentialId }) => credentialId === addedBy);
  if (addedBy !== null && (adder === undefined || isPending(adder, createdAtMs))) return { kind: 'gone' };
  const kits = kind === 'recovery' ? live.filter((other) => other.kind === 'recovery') : [];
  const ended = kits.flatMap((kit) => endedWith(live, kit, createdAtMs));
  if (pendingOf(live, addedBy, createdAtMs).length >= maxPending) return { kind: 'waiting' };
  return live.length - ended.length >= maxLiveCredentials ? { kind: 'full' } : { kind: 'added', ended };
}

/**
 * Whether a credential may be revoked, by the live and pending ones of its user. All stores share this rule.
 *
 * @param target the live credential of the lineage; `undefined` if there is none.
 * @returns `ended`, which the step revokes, and `added`, the ids of the live ones that the target had added.
 */
export function decideRevocation(
  live: readonly LiveCredential[],
  target: LiveCredential | undefined,
  { by, atMs, evenTheLast = false }: RevocationRequest,
):
  | { kind: 'revoked'; credentialId: string; ended: LiveCredential[]; added: string[] }
  | { kind: 'ended' | 'last' | 'gone' } {
  if (by !== null && !isActing(live, by, atMs)) return { kind: 'gone' };
  if (target === undefined) return { kind: 'ended' };
  const { credentialId } = target;
  const others = live.filter((other) => other !== target);
  const isNeeded = isDevice(target, atMs) && !others.some((other) => isWayIn(other, atMs));
  if (isNeeded && !evenTheLast) return { kind: 'last' };
  const ended = endedWith(live, target, atMs);
  const added = others.filter((other) => other.addedBy === credentialId && !ended.includes(other));
  return { kind: 'revoked', credentialId, ended, added: added.map((other) => other.credentialId) };
}

/** Whether a credential is a live device, and so may act on the others of its user. */
export function isActing(live: readonly LiveCredential[], credentialId: string, atMs: number): boolean {
  return live.some((other) => other.credentialId === credentialId && isDevice(other, atMs));
}

/** Whether its owner has a way back with it. */
function isWayIn(credential: LiveCredential, atMs: number): boolean {
  return !isPending(credential, atMs);
}

/** A credential, and the pending devices that end with it if it is a recovery credential. */
function endedWith(live: readonly LiveCredential[], ended: LiveCredential, atMs: number): LiveCredential[] {
  return [ended, ...(ended.kind === 'recovery' ? pendingOf(live, ended.credentialId, atMs) : [])];
}

function pendingOf(live: readonly LiveCredential[], addedBy: string | null, atMs: number): LiveCredential[] {
  return live.filter((other) => other.addedBy === addedBy && isPending(other, atMs));
}
