/** Clocks that run are not further apart than this. */
const toleranceMs = 300_000;

/** Whether a time lies in the future by more than clocks differ: it was written by a clock that was wrong. */
export function isAhead(atMs: number, nowMs: number): boolean {
  return atMs - nowMs > toleranceMs;
}
