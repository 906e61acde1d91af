import { encodeBase64url } from '@zkp-auth/core';
import { type Kysely, sql, type Transaction, type UpdateQueryBuilder, type UpdateResult } from 'kysely';
import type { AddCredentialOptions, AddedCredential } from '../stores/credential-store.js';
import { linkEndReadableMs, maxLinksOfUser } from '../stores/link-policy.js';
import type { Link, LinkApproval, LinkOffer, LinkStep, LinkStore, NewLink } from '../stores/link-store.js';
import { addCredentialIn, Refused, Taken } from './credential-steps.js';
import { linkOf, linkRowOf, offerColumnsOf } from './link-rows.js';
import { lockUser } from './lock-user.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';

type LinkUpdate = UpdateQueryBuilder<ZkpAuthTables, 'zkp_links', 'zkp_links', UpdateResult>;

/** Rolls a transaction back, and says what its caller gets. */
class Unapproved extends Error {
  readonly approval: LinkApproval;

  constructor(approval: LinkApproval) {
    super();
    this.approval = approval;
  }
}

/** A slice of the links that are forgotten. */
const sliceLength = 200;
/** More links than any user has. */
const allBeyond = 1_000;

/**
 * Links in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first. An approval and
 * its credential are one transaction, so `stores.credentials` has to be a `SqlCredentialStore` of the same database,
 * whose `linkStore()` gives this store.
 */
export class SqlLinkStore implements LinkStore {
  readonly #db: Kysely<ZkpAuthTables>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
  }

  async open(link: NewLink): Promise<'opened' | 'taken' | 'gone'> {
    try {
      return await this.#db.transaction().execute((transaction) => openIn(transaction, link));
    } catch (error) {
      if (error instanceof Taken) return 'taken';
      throw error;
    }
  }

  async find(linkId: string): Promise<Link | null> {
    const row = await this.#db
      .selectFrom('zkp_links')
      .selectAll()
      .where('link_id', '=', linkId)
      .executeTakeFirst();
    return row === undefined ? null : linkOf(row);
  }

  async findByCode(codeHashes: readonly string[]): Promise<Link | null> {
    const row = await this.#db
      .selectFrom('zkp_links')
      .selectAll()
      .where('code_hash', 'in', codeHashes)
      .executeTakeFirst();
    return row === undefined ? null : linkOf(row);
  }

  claim(step: LinkStep, most: number): Promise<boolean> {
    return isDone(
      unended(this.#db, step)
        .set({ claims: sql<number>`${sql.ref('claims')} + 1` })
        .where('new_public_key', 'is', null)
        .where('claims', '<', most),
    );
  }

  offer(step: LinkStep, offer: LinkOffer): Promise<boolean> {
    return isDone(unended(this.#db, step).set(offerColumnsOf(offer)).where('new_public_key', 'is', null));
  }

  reveal(step: LinkStep, nonce: Uint8Array): Promise<boolean> {
    return isDone(
      unended(this.#db, step)
        .set({ nonce: encodeBase64url(nonce) })
        .where('new_public_key', 'is not', null)
        .where('nonce', 'is', null),
    );
  }

  reject(step: LinkStep): Promise<boolean> {
    return isDone(unended(this.#db, step).set(endColumns('rejected', step.atMs)));
  }

  async endAllOf(userId: string, atMs: number): Promise<void> {
    await endOf(this.#db, userId, atMs).execute();
  }

  async approve(
    linkId: string,
    credential: AddedCredential,
    options: AddCredentialOptions = {},
  ): Promise<LinkApproval> {
    try {
      return await this.#db.transaction().execute(async (transaction) => {
        const { userId, createdAtMs } = credential;
        // Before the link, because every step that takes both takes them in this order.
        await lockUser(transaction, userId);
        const isApproved = await isDone(
          unended(transaction, { linkId, atMs: createdAtMs })
            .set(endColumns('approved', createdAtMs))
            .where('user_id', '=', userId)
            .where('nonce', 'is not', null),
        );
        if (!isApproved) return { kind: 'changed' };
        const addition = await addCredentialIn(transaction, credential, options);
        if (addition.kind !== 'added') throw new Unapproved(addition);
        return addition;
      });
    } catch (error) {
      if (error instanceof Unapproved) return error.approval;
      if (error instanceof Refused) return { kind: error.kind };
      if (error instanceof Taken) return { kind: 'taken' };
      throw error;
    }
  }

  async forgetEnded(nowMs: number): Promise<number> {
    for (let forgotten = 0; ;) {
      const slice = this.#db
        .selectFrom('zkp_links')
        .select('link_id')
        .where('forgettable_at_ms', '<=', nowMs)
        .limit(sliceLength);
      const { numDeletedRows } = await this.#db
        .deleteFrom('zkp_links')
        .where('link_id', 'in', slice)
        .executeTakeFirst();
      forgotten += Number(numDeletedRows);
      if (numDeletedRows < sliceLength) return forgotten;
    }
  }

  async forgetAllOf(userId: string): Promise<void> {
    await this.#db
      .deleteFrom('zkp_links')
      .where('user_id', '=', userId)
      .where('tenant', '=', sql.lit(defaultTenant))
      .execute();
  }
}

async function openIn(transaction: Transaction<ZkpAuthTables>, link: NewLink): Promise<'opened' | 'gone'> {
  const { linkId, userId, credentialId, openedAtMs } = link;
  const user = await lockUser(transaction, userId);
  if (user === undefined || user.suspended_at_ms !== null) return 'gone';
  await endOf(transaction, userId, openedAtMs).where('credential_id', '=', credentialId).execute();
  const inserted = await transaction
    .insertInto('zkp_links')
    .values(linkRowOf(link))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Taken();
  const oldest = transaction
    .selectFrom('zkp_links')
    .select('link_id')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('link_id', '!=', linkId)
    .orderBy('opened_at_ms', 'desc')
    .limit(allBeyond)
    .offset(maxLinksOfUser - 1);
  await transaction.deleteFrom('zkp_links').where('link_id', 'in', oldest).execute();
  return 'opened';
}

/** A change of one link that has no end and is not expired. */
function unended(db: Kysely<ZkpAuthTables>, { linkId, atMs }: LinkStep): LinkUpdate {
  return db
    .updateTable('zkp_links')
    .where('link_id', '=', linkId)
    .where('ended', 'is', null)
    .where('expires_at_ms', '>', atMs);
}

/** Ends the links of a user that have no end and are not expired. */
function endOf(db: Kysely<ZkpAuthTables>, userId: string, atMs: number): LinkUpdate {
  return db
    .updateTable('zkp_links')
    .set(endColumns('ended', atMs))
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('ended', 'is', null)
    .where('expires_at_ms', '>', atMs);
}

function endColumns(
  ended: NonNullable<Link['end']>,
  atMs: number,
): { ended: string; ended_at_ms: number; forgettable_at_ms: number } {
  return { ended, ended_at_ms: atMs, forgettable_at_ms: atMs + linkEndReadableMs };
}

async function isDone(update: LinkUpdate): Promise<boolean> {
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows === 1n;
}
