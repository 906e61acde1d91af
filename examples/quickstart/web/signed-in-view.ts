import type { SessionInfo } from '@zkp-auth/client';
import { api } from './api.ts';
import { byId } from './dom.ts';
import { showPayments } from './payments-view.ts';
import { showSecurity } from './security-view.ts';
import { showSessions } from './sessions-view.ts';
import { formatTime } from './time.ts';

interface Profile {
  userId: string;
  credentialId: string;
  authTimeMs: number;
  devices: { credentialId: string; deviceName: string | null; createdAtMs: number }[];
}

/** Fetch the data that needs a valid token, and fill the page before it is shown. */
export async function fillSignedIn(
  { userId }: SessionInfo,
  signal: AbortSignal,
  notices: HTMLElement[],
): Promise<void> {
  const [profile] = await Promise.all([
    api('/api/profile', { status: 200, signal }) as Promise<Profile>,
    showPayments(signal),
    showSessions(signal),
    showSecurity(userId),
  ]);
  byId('who', HTMLHeadingElement).textContent = profile.userId;
  byId('notices', HTMLDivElement).replaceChildren(...notices);
  showKey(profile);
}

/** Make a screen reader begin with the user's name. */
export function greet(): void {
  byId('who', HTMLHeadingElement).focus();
}

function showKey({ credentialId, authTimeMs, devices }: Profile): void {
  const device = devices.find((candidate) => candidate.credentialId === credentialId);
  byId('auth-time', HTMLElement).textContent = formatTime(authTimeMs);
  byId('credential', HTMLElement).textContent = credentialId;
  byId('device', HTMLElement).textContent =
    device === undefined
      ? ''
      : `${device.deviceName ?? 'a device without a name'}, ${formatTime(device.createdAtMs)}`;
}
