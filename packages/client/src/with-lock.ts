import { ZkpAuthError } from '@zkp-auth/core';
import { announceHeld, isHolderAlive, whenHolderIsSilent } from './lock-holders.js';

/** The ends of the queues, where there are no Web Locks. */
const queues = new Map<string, Promise<void>>();

/**
 * Run one thing at a time under a name, over all tabs of this origin.
 *
 * A tab that holds the lock and does not answer any more, as one that the browser has frozen, loses it to the next one.
 * Its own work goes on if it ever wakes up, so the work must survive a change by another tab in its middle.
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
  const hold = (): Promise<T> => (work = announceHeld(id, run));
  for (;;) {
    const patience = new AbortController();
    const stopWatching = whenHolderIsSilent(id, () => patience.abort());
    try {
      const waiting = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
      await locks.request(id, { signal: waiting }, () => {
        stopWatching();
        return hold();
      });
    } catch (error) {
      if (work === undefined) {
        signal?.throwIfAborted();
        if (!patience.signal.aborted) throw forbidden(error);
        await takeOver(locks, id, { signal, run: hold });
      }
    } finally {
      stopWatching();
    }
    // Another tab may have taken the lock over meanwhile: this one's work goes on, and its outcome counts.
    if (work !== undefined) return work;
  }
}

/** Take the lock from a tab that does not answer. One tab at a time does so, and only if there still is none that answers. */
async function takeOver<T>(locks: LockManager, id: string, { signal, run }: Turn<T>): Promise<void> {
  await locks.request(`${id} taken over`, signal === undefined ? {} : { signal }, async () => {
    if (await isHolderAlive(id)) return;
    await new Promise<void>((begun) => {
      const stolen = locks.request(id, { steal: true }, () => {
        begun();
        return run();
      });
      // Its outcome is that of the work, which the caller waits for.
      stolen.catch(() => undefined).finally(begun);
    });
  });
}

function forbidden(cause: unknown): ZkpAuthError {
  return new ZkpAuthError('STORAGE_ERROR', 'The browser forbids this site to store anything.', { cause });
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
