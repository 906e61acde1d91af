/** Work that repeats until it is stopped. */
export interface Repetition {
  /** No run begins after that. It waits for the run that is under way. */
  stop(): Promise<void>;
}

/**
 * Do something now, and again every `everyMs` milliseconds. While a run is under way, no second one begins. The
 * timer does not keep the process alive.
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
