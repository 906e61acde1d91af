import type { SessionResponse } from '@zkp-auth/core';
import { type BrowserSession, grantedRecord } from './browser-session.js';

/** Continue a session that the server has moved to another credential. */
export async function moveSession(session: BrowserSession, moved: SessionResponse): Promise<void> {
  await session.inTurn(undefined, async () => {
    const record = await session.kept.read();
    if (record?.sessionId === moved.sessionId)
      await session.keep({ ...record, ...grantedRecord(moved), refreshes: record.refreshes + 1 }, moved);
  });
}
