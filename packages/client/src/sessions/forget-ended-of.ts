import type { BrowserSession } from './browser-session.js';
import { unnameRecord } from './unname-record.js';

/** Stop reporting a session that has ended, if it belonged to this user. */
export async function forgetEndedOf({ kept, state, tabs }: BrowserSession, userId: string): Promise<void> {
  await unnameRecord(kept, (record) => record.userId === userId);
  if (!(await kept.forgetEnded((ended) => ended.userId === userId))) return;
  tabs.tell({ kind: 'unnamed' });
  state.unname();
}
