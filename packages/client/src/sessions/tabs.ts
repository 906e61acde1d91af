import { openChannel } from '../open-channel.js';
import type { Access } from '../transport/access.js';
import type { EndedSession, SessionInfo } from './session-record.js';

/** What one tab tells the others. */
export type TabMessage =
  /** `replaced`: it has taken the place of another session. */
  | { kind: 'access'; session: SessionInfo; access: Access; replaced?: boolean }
  /** With the session itself if it was not this browser that ended it. */
  | { kind: 'ended'; sessionId: string; session?: EndedSession }
  /** Nothing is to be said any more of a session that has ended. */
  | { kind: 'unnamed' };

/** The other tabs of this origin. */
export interface Tabs {
  tell(message: TabMessage): void;
  /** Hear and tell nothing more. */
  close(): void;
}

/** Listen to the other tabs that use the same server; where there are none to be had, tell nobody. */
export function openTabs(baseUrl: string, onMessage: (message: TabMessage) => void): Tabs {
  const isPage = (globalThis as { location?: unknown }).location !== undefined;
  let channel = isPage ? openChannel(`zkp-auth ${baseUrl}`) : undefined;
  channel?.addEventListener('message', ({ data }) => onMessage(data as TabMessage));
  return {
    tell: (message) => channel?.postMessage(message),
    close: () => {
      channel?.close();
      channel = undefined;
    },
  };
}
