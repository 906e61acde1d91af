import type { KeptSession } from './kept-session.js';
import type { SessionRecord } from './session-record.js';

/** Mark the record so that the end of its session is not reported. */
export async function unnameRecord(
  kept: KeptSession,
  isMeant: (record: SessionRecord) => boolean,
): Promise<void> {
  await kept.update((record) =>
    record !== undefined && isMeant(record) ? { ...record, unnamed: true } : (record ?? null),
  );
}
