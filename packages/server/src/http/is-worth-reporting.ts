import type { ErrorCode } from '@zkp-auth/core';

const busyEveryMs = 10_000;
let nextBusyAtMs = 0;

/**
 * Whether to report a refusal to the operator now. A flood that keeps the server busy must not fill the log too.
 */
export function isWorthReporting(code: ErrorCode): boolean {
  if (code !== 'SERVER_BUSY') return true;
  const nowMs = performance.now();
  if (nowMs < nextBusyAtMs) return false;
  nextBusyAtMs = nowMs + busyEveryMs;
  return true;
}
