/** Whether a time was marked less than an interval ago. One in the future was written by another clock. */
export function isNear(markedAtMs: number | null, atMs: number, intervalMs: number): boolean {
  return markedAtMs !== null && Math.abs(atMs - markedAtMs) < intervalMs;
}
