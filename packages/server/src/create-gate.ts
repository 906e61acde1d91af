import { ZkpAuthError } from '@zkp-auth/core';

/** Lets calls through until it is closed. */
export interface Gate {
  /** The same functions. They reject with `STORE_UNAVAILABLE` once the gate is closed. */
  guard<Functions extends object>(functions: Functions): Functions;
  close(): void;
}

export function createGate(): Gate {
  let isClosed = false;
  return {
    guard: (functions) => {
      const guarded = Object.entries(functions as Record<string, (...args: unknown[]) => unknown>).map(
        ([name, call]) => [
          name,
          (...args: unknown[]): unknown => (isClosed ? Promise.reject(wasClosed()) : call(...args)),
        ],
      );
      return Object.fromEntries(guarded) as typeof functions;
    },
    close: () => void (isClosed = true),
  };
}

function wasClosed(): ZkpAuthError {
  return new ZkpAuthError(
    'STORE_UNAVAILABLE',
    'This server was closed by auth.close(). It answers no more calls.',
  );
}
