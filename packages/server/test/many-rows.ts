import type { Redis } from 'ioredis';
import { type Kysely, type RawBuilder, sql } from 'kysely';

/** A user and their live credential. */
export interface Owner {
  userId: string;
  credentialId: string;
}

/** A user's listed credentials beside the live one. */
const listedCredentials = 20;

/** A text for each row, padded to a length that base64url has for whole bytes. */
function textOf(n: RawBuilder<unknown>, length: number): RawBuilder<string> {
  return sql`substr(cast(10000000 + ${n} as text), 1, 8) || ${sql.lit('A'.repeat(length - 8))}`;
}

function numbers(count: number): RawBuilder<unknown> {
  return sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)})`;
}

const n = sql.ref('n');

/** Credentials that replaced one another before a user's live one. They are its lineage. */
export async function fillCredentials(db: Kysely<unknown>, owner: Owner, many: number): Promise<void> {
  await sql`
    insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, revoked_at_ms, replaced_by, lineage_id)
    ${numbers(many)}
    select ${textOf(n, 22)}, ${sql.lit(owner.userId)}, ${textOf(n, 43)}, n, n, ${sql.lit(owner.credentialId)},
      ${sql.lit(owner.credentialId)} from numbers`.execute(db);
}

/** Retired pins of a user's live credential, and fifty of each other listed credential. */
export async function fillPins(db: Kysely<unknown>, owner: Owner, many: number): Promise<void> {
  const listed = sql`case when n > ${sql.lit(50 * listedCredentials)} then ${sql.lit(owner.credentialId)}
    else ${textOf(sql`${sql.lit(many)} - n % ${sql.lit(listedCredentials)}`, 22)} end`;
  await sql`
    insert into zkp_pins (pin_hash, user_id, credential_id, secret_id, tries, max_tries, enrolled_at_ms, retired_at_ms)
    ${numbers(many)}
    select ${textOf(n, 43)}, ${sql.lit(owner.userId)}, ${listed}, 's', 0, 10, n, n from numbers`.execute(db);
}

/** Credentials that {@link fillLiveDevices} has made. */
export interface LiveDevices {
  /** Its newest pin is locked. */
  locked: string;
  other: string;
}

/**
 * Further live devices of a user, each with as many live pins as it may have and as many retired ones
 * as are kept.
 */
export async function fillLiveDevices(
  db: Kysely<unknown>,
  { userId, credentialId }: Owner,
  count: number,
): Promise<LiveDevices> {
  const [livePins, pinsEach, first] = [32, 64, 20_000_000];
  const device = textOf(sql`${sql.lit(first)} + n`, 22);
  await sql`
    insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, lineage_id, added_by)
    ${numbers(count)}
    select ${device}, ${sql.lit(userId)}, ${textOf(sql`${sql.lit(first)} + n`, 43)}, n, ${device},
      ${sql.lit(credentialId)} from numbers`.execute(db);
  const at = sql`(n - 1) % ${sql.lit(pinsEach)}`;
  const ofDevice = textOf(sql`${sql.lit(first + 1)} + (n - 1) / ${sql.lit(pinsEach)}`, 22);
  await sql`
    insert into zkp_pins (pin_hash, user_id, credential_id, secret_id, tries, max_tries, enrolled_at_ms, retired_at_ms)
    ${numbers(count * pinsEach)}
    select ${textOf(sql`${sql.lit(first)} + n`, 43)}, ${sql.lit(userId)}, ${ofDevice}, 's',
      case when n = ${sql.lit(livePins)} then 10 else 0 end, 10, n,
      case when ${at} >= ${sql.lit(livePins)} then n end from numbers`.execute(db);
  const [locked, other] = [1, 2].map((n) => String(10_000_000 + first + n).padEnd(22, 'A'));
  return { locked: locked as string, other: other as string };
}

/** Keys and names of users who were erased. The reservations of the names have ended. */
export async function fillErased(db: Kysely<unknown>, many: number): Promise<void> {
  await sql`
    insert into zkp_erased_credentials (credential_hash) ${numbers(many)}
    select ${textOf(n, 43)} from numbers`.execute(db);
  await sql`
    insert into zkp_reserved_names (name_hash, until_ms) ${numbers(many)}
    select ${textOf(n, 43)}, n from numbers`.execute(db);
}

/** Live sessions of a user, copied from an existing one. */
export async function fillSessions(db: Kysely<unknown>, { userId }: Owner, many: number): Promise<void> {
  await sql`
    insert into zkp_sessions (session_id, user_id, credential_id, session_key, device_name, created_at_ms,
      last_used_at_ms, expires_at_ms, ends_at_ms, refresh_hash, spent_tokens, epoch)
    ${numbers(many)}
    select substr(session_id, 1, 22) || ${textOf(n, 8)} || substr(session_id, 31), user_id, credential_id, session_key,
      device_name, created_at_ms, last_used_at_ms - n, expires_at_ms, ends_at_ms, refresh_hash, spent_tokens, epoch
    from numbers, (select * from zkp_sessions where user_id = ${sql.lit(userId)} limit 1) as one`.execute(db);
}

/** The same sessions in the hash of Redis under this key, and in the sorted set beside it. */
export async function fillHash(redis: Redis, key: string, many: number): Promise<void> {
  const [id, value] = Object.entries(await redis.hgetall(key)).find(([field]) => field !== 'epoch')!;
  const tag = Buffer.from(id, 'base64url').subarray(0, 16);
  const atMs = Date.now();
  const atOnce = 1_000;
  for (let first = 0; first < many; first += atOnce) {
    const ids = Array.from({ length: atOnce }, (_, k) => {
      const random = Buffer.alloc(16);
      random.writeUInt32BE(first + k + 1);
      return Buffer.concat([tag, random]).toString('base64url');
    });
    await redis.hset(key, ...ids.flatMap((field) => [field, value]));
    await redis.zadd(`${key}:used`, ...ids.flatMap((member, k) => [atMs - first - k, member]));
  }
}
