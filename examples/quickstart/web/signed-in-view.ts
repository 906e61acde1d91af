import { type Session, ZkpAuthError } from '@zkp-auth/client';
import { byId } from './dom.ts';
import { noticesOf } from './notices.ts';
import { showSecurity } from './security-view.ts';

interface Profile {
  userId: string;
  credentialId: string;
  authTimeMs: number;
  devices: { credentialId: string; deviceName: string | null; createdAtMs: number }[];
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The session of this page, in memory only: a reload ends it. */
let session: Session | undefined;
let ending: ReturnType<typeof setTimeout> | undefined;

export function currentSession(): Session | undefined {
  return session;
}

/** Fetch what only a valid token opens, and show it. */
export async function signIn(granted: Session, signal: AbortSignal, onEnd: () => void): Promise<void> {
  const response = await fetch('/api/profile', {
    headers: { Authorization: `Bearer ${granted.token}` },
    signal,
  });
  if (!response.ok) throw new ZkpAuthError('UNAUTHENTICATED');
  const profile = (await response.json()) as Profile;
  const device = profile.devices.find(({ credentialId }) => credentialId === profile.credentialId);
  await showSecurity(profile.userId);
  session = granted;
  byId('who', HTMLHeadingElement).textContent = profile.userId;
  byId('notices', HTMLDivElement).replaceChildren(...noticesOf(granted));
  byId('auth-time', HTMLElement).textContent = time.format(profile.authTimeMs);
  byId('token-end', HTMLElement).textContent = time.format(Date.now() + granted.expiresInMs);
  byId('credential', HTMLElement).textContent = profile.credentialId;
  byId('device', HTMLElement).textContent =
    device === undefined
      ? ''
      : `${device.deviceName ?? 'a device without a name'}, ${date.format(device.createdAtMs)}`;
  ending = setTimeout(onEnd, granted.expiresInMs);
  show(true);
  byId('who', HTMLHeadingElement).focus();
}

export function signOut(): void {
  clearTimeout(ending);
  session = undefined;
  show(false);
}

function show(signedIn: boolean): void {
  byId('signed-in', HTMLDivElement).hidden = !signedIn;
  byId('signed-out', HTMLDivElement).hidden = signedIn;
}
