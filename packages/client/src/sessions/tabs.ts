import { openChannel } from '../open-channel.js';
import type { Access } from '../transport/dpop-signer.js';
import type { EndedSession, SessionInfo } from './session-record.js';

/** A message of one tab to the others. */
export type TabMessage =
  /** `replaced` says that the session replaces another one. */
  | { kind: 'access'; session: SessionInfo; access: Access; replaced?: boolean }
  /** It has the session itself, unless this browser ended the session. */
  | { kind: 'ended'; sessionId: string; session?: EndedSession }
  /** The tabs stop reporting a session that has ended. */
  | { kind: 'unnamed' };

/** The other tabs of this origin. */
export interface Tabs {
  tell(message: TabMessage): void;
  /** Hear and tell nothing more. */
  close(): void;
}

/** Listen to the other tabs that use the same server. If there is no channel to other tabs, messages go to nobody. */
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
