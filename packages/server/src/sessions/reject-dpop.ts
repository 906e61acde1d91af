import { ZkpAuthError } from '@zkp-auth/core';
import type { DpopRefusal } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { eventText } from '../event-text.js';

/** The credential of a request, from its access token or session, or as a login or registration claims it. */
export interface DpopSubject {
  userId: string;
  credentialId: string;
}

/** Report the reason of a refused proof, and give the error to throw, which does not contain the reason. */
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
