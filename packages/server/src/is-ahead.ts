/** Working clocks differ by at most this. */
const toleranceMs = 300_000;

/** Whether a time lies in the future by more than clocks differ. Then a wrong clock wrote it. */
export function isAhead(atMs: number, nowMs: number): boolean {
  return atMs - nowMs > toleranceMs;
}
