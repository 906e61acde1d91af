import { ZkpAuthError } from '@zkp-auth/core';
import type { ActingSession } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { parseJson } from '../parse-json.js';
import type { RequestFacts } from '../request-facts.js';
import { authenticate } from './authenticate.js';
import { takeConfirmation } from './confirm.js';

/** A confirmed request of the person who asks. */
export interface ConfirmedRequest<Request> {
  request: Request;
  userId: string;
  by: ActingSession;
}

/**
 * Take a request that its session's credential confirms over the exact bytes of its body (protocol sections 7.9 and
 * 9). The body is parsed first. A refusal of the session spends nothing.
 *
 * @param body the bytes.
 * @throws {@link ZkpAuthError} as {@link authenticate}, `CONFIRMATION_REQUIRED`, `CONFIRMATION_REJECTED`, or a
 * parsing code.
 * @throws `TypeError` for a body that is not bytes.
 */
export async function takeConfirmedRequest<Request>(
  engine: Engine,
  { body, action, parse }: { body: unknown; action: string; parse: (body: unknown) => Request },
  facts: RequestFacts,
): Promise<ConfirmedRequest<Request>> {
  if (!(body instanceof Uint8Array)) throw new TypeError('pass the exact bytes of a body that is confirmed');
  const request = parse(parseJson(body));
  const user = await authenticate(engine, facts, { dpop: 'if-bound' });
  const { confirmation } = facts;
  if (confirmation === undefined) throw new ZkpAuthError('CONFIRMATION_REQUIRED');
  await takeConfirmation(engine, { user, action, payload: body, confirmation }, facts);
  const { userId, sessionId, credentialId } = user;
  return { request, userId, by: { sessionId, credentialId } };
}
