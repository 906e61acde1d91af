import { announceHeld, holderAnswers, whenHolderIsSilent } from './lock-holders.js';
import { storageError } from '../storage/storage-error.js';
import { unlessAborted } from '../unless-aborted.js';
import type { KeyName } from '../storage/local-key.js';

/** The ends of the queues, if there are no Web Locks. */
const queues = new Map<string, Promise<void>>();

/**
 * Run one piece of work at a time under a name, over all tabs of this origin.
 *
 * If the tab that holds the lock does not answer any more, as when the browser has frozen it, the next tab takes the
 * lock. The work of the frozen tab continues if that tab ever wakes up. So the work must tolerate a change by another
 * tab in its middle.
 *
 * @throws the signal's reason if it aborts before its turn; `STORAGE_ERROR` if the browser forbids locks here.
 */
export async function withLock<T>(
  id: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const locks = navigator?.locks;
  return locks === undefined ? inQueue(id, signal, run) : withWebLock(locks, id, { signal, run });
}

interface Turn<T> {
  signal: AbortSignal | undefined;
  run: () => Promise<T>;
}

async function withWebLock<T>(locks: LockManager, id: string, { signal, run }: Turn<T>): Promise<T> {
  let work: Promise<T> | undefined;
  for (;;) {
    const patience = new AbortController();
    const stopWatching = whenHolderIsSilent(id, () => patience.abort());
    /** Ask for the lock. Once it is granted, answer for it until it is released or taken over. */
    const request = async (options: LockOptions, onGrant?: () => void): Promise<void> => {
      let release = (): void => undefined;
      const hold = (): Promise<T> => {
        stopWatching();
        signal?.throwIfAborted();
        release = announceHeld(id);
        work = run();
        onGrant?.();
        return work;
      };
      await locks.request(id, options, hold).finally(() => release());
    };
    try {
      const waiting = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
      await request({ signal: waiting });
    } catch (error) {
      if (work === undefined) {
        signal?.throwIfAborted();
        if (!patience.signal.aborted) throw storageError(error);
        await takeOver(locks, id, { signal, request });
        signal?.throwIfAborted();
      }
    } finally {
      stopWatching();
    }
    // Another tab may have taken the lock meanwhile. The work of this tab continues nevertheless, and its outcome
    // counts.
    if (work !== undefined) return work;
  }
}

interface TakeOver {
  signal: AbortSignal | undefined;
  request: (options: LockOptions, onGrant: () => void) => Promise<void>;
}

/**
 * Take the lock from a tab that does not answer. It does nothing if another tab is taking the lock right now. It also
 * does nothing if the lock has moved to a tab that answers since this tab stopped waiting.
 */
async function takeOver(locks: LockManager, id: string, { signal, request }: TakeOver): Promise<void> {
  await locks.request(`${id} taken over`, { ifAvailable: true }, async (free) => {
    if (free === null || (await unlessAborted(signal, holderAnswers(id)))) return;
    await new Promise<void>((granted) => {
      // The caller that waits for the work handles its outcome.
      request({ steal: true }, granted).then(granted, () => granted());
    });
  });
}

async function inQueue<T>(id: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  const before = queues.get(id) ?? Promise.resolve();
  const turn = before.then(() => {
    signal?.throwIfAborted();
    return run();
  });
  const end = turn.then(
    () => undefined,
    () => undefined,
  );
  queues.set(id, end);
  void end.then(() => queues.get(id) === end && queues.delete(id));
  return turn;
}

/**
 * Run one piece of work at a time for a user's keys, over all tabs of this origin.
 *
 * @throws the signal's reason if it aborts before its turn.
 */
export async function withUserLock<T>(
  { userId, audience }: KeyName,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  return withLock(`zkp-auth ${audience} ${userId}`, signal, run);
}
