/** Work that is done again and again, until it is stopped. */
export interface Repetition {
  /** No run begins any more. It waits for the one that is under way. */
  stop(): Promise<void>;
}

/**
 * Do something now, and again every `everyMs` milliseconds. A run that is still under way is not begun a second time. The
 * timer holds no process.
 */
export function runEvery(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Repetition {
  let running: Promise<void> | null = null;
  const run = (): void => {
    running ??= work()
      .catch(onError)
      .then(() => {
        running = null;
      });
  };
  const timer = setInterval(run, everyMs).unref();
  run();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
