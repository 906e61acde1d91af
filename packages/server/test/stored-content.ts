import type { Redis } from 'ioredis';
import { type Kysely, sql } from 'kysely';
import type { OpenedStores } from './every-store.js';
import { privateContent } from './private-content.js';

/** Everything that a set-up keeps, a text for each row, key and value, with its place. */
export async function storedContent({ stores, pins, db, redis }: OpenedStores): Promise<string[]> {
  return [
    ...(db === undefined ? [] : await rowsOf(db)),
    ...(redis === undefined ? [] : await keysOf(redis)),
    ...[stores.credentials, stores.sessions, stores.challenges, pins].flatMap((store) =>
      db === undefined ? privateContent(store) : [],
    ),
  ];
}

/** Each row of each table, as JSON. */
async function rowsOf(db: Kysely<unknown>): Promise<string[]> {
  const tables = await db.introspection.getTables();
  const rows: string[] = [];
  for (const { name } of tables) {
    const { rows: found } = await sql<object>`select * from ${sql.table(name)}`.execute(db);
    rows.push(...found.map((row) => `${name} ${JSON.stringify(row, bytesAsHex)}`));
  }
  return rows;
}

/** Each key, and its value as text and in hex. */
async function keysOf(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const commands = {
      hash: 'hgetall',
      zset: 'zrange',
      string: 'get',
      set: 'smembers',
      list: 'lrange',
    } as const;
    const type = await redis.type(key);
    const command = commands[type as keyof typeof commands];
    const range = command === 'zrange' || command === 'lrange' ? ['0', '-1'] : [];
    const value: unknown = await redis.callBuffer(command, key, ...range);
    const parts = [value].flat() as Buffer[];
    found.push(`${key} ${parts.map((part) => `${part.toString()} ${part.toString('hex')}`).join(' ')}`);
  }
  return found;
}

function bytesAsHex(_: string, value: unknown): unknown {
  const bytes = value as { type?: unknown; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString('hex') : value;
}

/** The encodings in which we store texts and bytes, of some bytes. */
export function encodingsOf(value: string | Uint8Array): string[] {
  const bytes = Buffer.from(value);
  const encoded = (['base64url', 'base64', 'hex'] as const).map((encoding) => bytes.toString(encoding));
  return typeof value === 'string' ? [value, JSON.stringify(value).slice(1, -1), ...encoded] : encoded;
}
