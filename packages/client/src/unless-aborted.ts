/**
 * The outcome of `work`, or the signal's reason as soon as it aborts. The work itself continues until it checks the
 * signal. Work that cannot be interrupted, such as Argon2id or a write, ends before its lock is released.
 */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([aborted, work]);
  } catch (error) {
    // The platform may notice the abort first. WebKit's `fetch` then rejects with an error of its own.
    signal.throwIfAborted();
    throw error;
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
