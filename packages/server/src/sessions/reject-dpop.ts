import { ZkpAuthError } from '@zkp-auth/core';
import type { DpopRefusal } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { eventText } from '../event-text.js';

/** The credential that a request speaks for: of its access token or session, or what a login or registration claims. */
export interface DpopSubject {
  userId: string;
  credentialId: string;
}

/** Tell why a proof is refused, and give the error to throw, which does not say so. */
export function rejectDpop(
  engine: Engine,
  { subject }: { subject: DpopSubject },
  refusal: DpopRefusal,
): ZkpAuthError {
  const { userId, credentialId } = subject;
  const values =
    'expected' in refusal
      ? { expected: eventText(refusal.expected), presented: eventText(refusal.presented) }
      : {};
  engine.emit({ atMs: engine.now(), userId, credentialId, type: 'dpop_rejected', ...refusal, ...values });
  engine.warnOfSetUp(refusal);
  return new ZkpAuthError('INVALID_DPOP_PROOF');
}
