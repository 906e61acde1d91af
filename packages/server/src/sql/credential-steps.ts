import { encodeBase64url } from '@zkp-auth/core';
import { type Insertable, type Kysely, type Selectable, type Transaction } from 'kysely';
import { decideAddition, decideRevocation, isActing, pendingAfter } from '../stores/credential-policy.js';
import type {
  AddCredentialOptions,
  AddedCredential,
  Addition,
  CredentialChange,
  LiveCredential,
  NewCredential,
  Renaming,
  Revocation,
  RevocationRequest,
} from '../stores/credential-store.js';
import { deleteGrant } from './grant-steps.js';
import { freezePinsOf } from './freeze-pins.js';
import { insertPin } from './insert-pin.js';
import { liveOf } from './live-credentials.js';
import { lockUser } from './lock-user.js';
import { millisecondsOf } from './milliseconds.js';
import type { ZkpAuthTables } from './schema.js';
import { erasedCredential, isErased } from './user-erasure.js';

/** Rolls a transaction back. It never reaches a caller. */
export class Taken extends Error {}

/** The same, with the refusal of an addition. */
export class Refused extends Error {
  readonly kind: 'taken' | 'waiting' | 'full';

  constructor(kind: 'taken' | 'waiting' | 'full') {
    super(kind);
    this.kind = kind;
  }
}

type Step = Transaction<ZkpAuthTables>;

/**
 * `addCredential` of the credential store, within a transaction.
 *
 * @throws {@link Taken} or {@link Refused}. The caller then has to roll the transaction back.
 */
export async function addCredentialIn(
  transaction: Step,
  credential: AddedCredential,
  options: AddCredentialOptions,
): Promise<Addition> {
  const { userId, createdAtMs, kind, addedBy, pendingUntilMs } = credential;
  const user = await lockUser(transaction, userId);
  if (user === undefined || user.suspended_at_ms !== null) return { kind: 'gone' };
  const decision = decideAddition(await liveOf(transaction, userId), credential, options);
  if (decision.kind === 'gone') return decision;
  const { grant } = options;
  // A refusal after it rolls it back.
  if (
    grant !== undefined &&
    !(await deleteGrant(transaction, { userId, tokenHash: grant, unexpiredAtMs: createdAtMs }))
  )
    return { kind: 'ungranted' };
  if (decision.kind !== 'added')
    throw new Refused((await isRegistered(transaction, credential)) ? 'taken' : decision.kind);
  await insertUnlessTaken(transaction, {
    ...rowOf(credential),
    kind,
    added_by: addedBy,
    pending_until_ms: pendingUntilMs,
    last_used_at_ms: null,
  });
  await end(transaction, decision.ended, createdAtMs);
  if (options.pin !== undefined) await insertPin(transaction, options.pin);
  return decision;
}

/** `revokeBy` of the credential store, within a transaction. */
export async function revokeIn(transaction: Step, request: RevocationRequest): Promise<Revocation> {
  const { userId, by, atMs } = request;
  const user = await lockUser(transaction, userId);
  const lineage = await lineageOf(transaction, request);
  if (user === undefined || lineage === undefined) return { kind: 'unknown' };
  if (by !== null && user.suspended_at_ms !== null) return { kind: 'gone' };
  const live = await liveOf(transaction, userId);
  const target = live.find(({ lineageId }) => lineageId === lineage.lineage_id);
  const decision = decideRevocation(live, target, request);
  if (decision.kind === 'revoked') await end(transaction, decision.ended, atMs);
  return decision;
}

/** `rename` of the credential store, within a transaction. */
export async function renameIn(
  transaction: Step,
  change: CredentialChange,
  deviceName: string,
): Promise<Renaming> {
  const { userId, by, atMs } = change;
  const user = await lockUser(transaction, userId);
  const lineage = await lineageOf(transaction, change);
  const live = await liveOf(transaction, userId);
  const target = live.find(({ lineageId }) => lineageId === lineage?.lineage_id);
  if (user === undefined || lineage === undefined || target === undefined) return { kind: 'unknown' };
  if (by !== null && (user.suspended_at_ms !== null || !isActing(live, by, atMs))) return { kind: 'gone' };
  const { credentialId, deviceName: formerName } = target;
  await transaction
    .updateTable('zkp_credentials')
    .set({ device_name: deviceName })
    .where('credential_id', '=', credentialId)
    .execute();
  return { kind: 'renamed', credentialId, formerName };
}

/** `resume` of the credential store, within a transaction. */
export async function resumeIn(transaction: Step, userId: string, atMs: number): Promise<boolean> {
  const user = await lockUser(transaction, userId);
  const suspendedAtMs = millisecondsOf(user?.suspended_at_ms ?? null);
  if (user?.erasing_at_ms !== null || suspendedAtMs === null) return false;
  for (const credential of await liveOf(transaction, userId)) {
    const pendingUntilMs = pendingAfter(credential, suspendedAtMs, atMs);
    if (pendingUntilMs === credential.pendingUntilMs) continue;
    await transaction
      .updateTable('zkp_credentials')
      .set({ pending_until_ms: pendingUntilMs })
      .where('credential_id', '=', credential.credentialId)
      .execute();
  }
  await transaction
    .updateTable('zkp_users')
    .set({ suspended_at_ms: null })
    .where('user_id', '=', userId)
    .execute();
  return true;
}

/** @throws {@link Taken} if the credential id or the key exists already. */
export async function insertUnlessTaken(
  transaction: Step,
  row: Insertable<ZkpAuthTables['zkp_credentials']>,
): Promise<void> {
  const inserted = await transaction
    .insertInto('zkp_credentials')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Taken();
  // Afterwards, because the insertion may have waited for the erasure of the same credential.
  if (await isErased(transaction, row.credential_id)) throw new Taken();
}

/**
 * Whether the credential id or the key is registered, or was erased with its user. It uses unique indexes, and does not
 * read users. A registered credential stays registered.
 */
export async function isRegistered(
  db: Kysely<ZkpAuthTables>,
  { credentialId, publicKey }: NewCredential,
): Promise<boolean> {
  const row = await db
    .selectFrom('zkp_credentials')
    .select('credential_id as id')
    .where((column) =>
      column.or([
        column('credential_id', '=', credentialId),
        column('public_key', '=', encodeBase64url(publicKey)),
      ]),
    )
    .unionAll(erasedCredential(db, credentialId))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A new credential, a device that begins a lineage. */
export function rowOf(credential: NewCredential): Insertable<ZkpAuthTables['zkp_credentials']> {
  return {
    credential_id: credential.credentialId,
    user_id: credential.userId,
    public_key: encodeBase64url(credential.publicKey),
    device_name: credential.deviceName,
    created_at_ms: credential.createdAtMs,
    revoked_at_ms: null,
    replaced_by: null,
    lineage_id: credential.credentialId,
    clone_suspected_at_ms: null,
    kind: 'device',
    added_by: null,
    pending_until_ms: null,
    last_used_at_ms: credential.createdAtMs,
  };
}

function lineageOf(
  transaction: Step,
  { userId, credentialId }: Pick<CredentialChange, 'userId' | 'credentialId'>,
): Promise<Pick<Selectable<ZkpAuthTables['zkp_credentials']>, 'lineage_id'> | undefined> {
  return transaction
    .selectFrom('zkp_credentials')
    .select('lineage_id')
    .where('credential_id', '=', credentialId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** Revoke credentials for good, and freeze their pins. */
async function end(transaction: Step, ended: readonly LiveCredential[], atMs: number): Promise<void> {
  if (ended.length === 0) return;
  const credentialIds = ended.map(({ credentialId }) => credentialId);
  await transaction
    .updateTable('zkp_credentials')
    .set({ revoked_at_ms: atMs })
    .where('credential_id', 'in', credentialIds)
    .execute();
  for (const credentialId of credentialIds) await freezePinsOf(transaction, credentialId, atMs);
}
