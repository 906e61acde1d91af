import type { KeptSession } from './kept-session.js';
import type { SessionRecord } from './session-record.js';

/** Mark the record so that the end of its session is not reported, or remove that mark. */
export async function unnameRecord(
  kept: KeptSession,
  isMeant: (record: SessionRecord) => boolean,
  unnamed = true,
): Promise<void> {
  await kept.update((record) =>
    record !== undefined && isMeant(record) ? { ...record, unnamed } : (record ?? null),
  );
}
