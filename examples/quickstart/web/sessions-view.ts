import type { SessionSummary } from '@zkp-auth/client';
import { client } from './client.ts';
import { announce } from './current-session.ts';
import { runDialog } from './dialogs.ts';
import { byId, make } from './dom.ts';
import { busyWith, say } from './feedback.ts';
import { timeElement } from './time.ts';

const button = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement);

/** The part of the signed-in page about the user's other sessions. */
export function bindSessions(): void {
  button('end-others').addEventListener('click', () => void endOthers());
  button('end-all').addEventListener('click', () => void endAll());
  // The list of other sessions changes.
  button('tab-sessions').addEventListener('click', () => void showSessions().catch(() => undefined));
}

/** Show the sessions of a person, this browser first. */
export async function showSessions(signal?: AbortSignal): Promise<void> {
  const sessions = await client.listSessions(signal === undefined ? {} : { signal });
  const rows = sessions.toSorted((a, b) => Number(b.current) - Number(a.current)).map(row);
  byId('sessions', HTMLUListElement).replaceChildren(...rows);
  button('end-others').hidden = sessions.every(({ current }) => current);
}

function endOne(sessionId: string, device: string): Promise<void> {
  const work = (signal: AbortSignal): Promise<void> => client.endSession(sessionId, { signal });
  return change(work, `Ended: ${device}. It is refused there from now on.`);
}

function endOthers(): Promise<void> {
  const work = (signal: AbortSignal): Promise<void> => client.endOtherSessions({ signal });
  return change(work, 'Signed out everywhere else. This is the only session left.');
}

async function change(work: (signal: AbortSignal) => Promise<void>, done: string): Promise<void> {
  const isDone = await busyWith(async (signal) => {
    await work(signal);
    await showSessions(signal);
  });
  if (!isDone) return;
  say(done);
  // The pressed button is gone.
  byId('sessions-title', HTMLHeadingElement).focus();
}

async function endAll(): Promise<void> {
  await runDialog('end-all-dialog', async (signal) => {
    await client.endAllSessions({ signal });
    announce('Signed out everywhere.');
  });
}

function row({ sessionId, deviceName, createdAtMs, lastUsedAtMs, current }: SessionSummary): HTMLLIElement {
  const device = deviceName ?? 'A device without a name';
  const since = make('small', {}, 'Signed in ', timeElement(createdAtMs));
  const used = make('small', {}, ...(current ? ['In use now'] : ['Last used ', timeElement(lastUsedAtMs)]));
  const badge = make('span', { className: 'badge' }, 'This one');
  const name = make('span', { className: 'name' }, device, ...(current ? [' ', badge] : []), since, used);
  if (current) return make('li', {}, name);
  const end = make('button', { type: 'button', ariaLabel: `End: ${device}, ${since.textContent}` }, 'End');
  end.addEventListener('click', () => void endOne(sessionId, device));
  return make('li', {}, name, end);
}
