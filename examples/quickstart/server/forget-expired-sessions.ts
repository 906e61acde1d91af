import type { ZkpAuth } from '@zkp-auth/server';

const hourMs = 3_600_000;

/** Delete every hour what nobody can use any more. It keeps no process alive. */
export function forgetExpiredSessions(auth: ZkpAuth): void {
  setInterval(() => {
    auth.forgetExpiredSessions().catch((error: unknown) => auth.reportError(error));
  }, hourMs).unref();
}
