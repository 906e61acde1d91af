import { ZkpAuthError } from '@zkp-auth/core';

/** They need no store, and a closed server is still told of faults. */
const staysOpen: ReadonlySet<string> = new Set(['jwks', 'reportError']);

/** Give an object of functions a `close`: after it, all others reject with `STORE_UNAVAILABLE`. */
export function closable<Functions extends Record<string, unknown>>(
  functions: Functions,
): Functions & { close(): Promise<void> } {
  let closed = false;
  const guarded = Object.entries(functions).flatMap(([name, call]) => {
    if (typeof call !== 'function' || staysOpen.has(name)) return [];
    const guard = (...args: unknown[]): unknown => (closed ? Promise.reject(wasClosed()) : call(...args));
    return [[name, guard] as const];
  });
  return Object.assign(functions, Object.fromEntries(guarded), {
    close: async () => {
      closed = true;
    },
  });
}

function wasClosed(): ZkpAuthError {
  return new ZkpAuthError(
    'STORE_UNAVAILABLE',
    'This server was closed by auth.close(). It answers no more calls.',
  );
}
