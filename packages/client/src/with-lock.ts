/** The ends of the queues, where there are no Web Locks. */
const queues = new Map<string, Promise<void>>();

/**
 * Run one thing at a time under a name, over all tabs of this origin.
 *
 * @throws the signal's reason where it aborts before its turn.
 */
export async function withLock<T>(
  id: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const locks = navigator?.locks;
  if (locks !== undefined) {
    return locks.request(id, signal === undefined ? {} : { signal }, run);
  }
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
