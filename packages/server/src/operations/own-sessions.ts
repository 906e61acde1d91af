import {
  type AnswerOf,
  formatSessionListResponse,
  type JsonOf,
  parseEndSessionsRequest,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { refuseCrossSite } from '../sessions/refuse-cross-site.js';
import { authenticate } from './authenticate.js';
import { endAllSessions } from './end-all-sessions.js';
import { endSessionOf } from './end-session.js';
import { listSessions } from './list-sessions.js';

/** The live sessions of the person who asks. @throws as {@link authenticate}. */
export async function listOwnSessions(
  engine: Engine,
  _body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'sessions'>>>> {
  const { userId, sessionId } = await authenticate(engine, facts, { dpop: 'if-bound' });
  const sessions = await listSessions(engine, userId, sessionId);
  return { body: formatSessionListResponse({ sessions }), headers: [] };
}

/**
 * End sessions of the person who asks. The request names one session, all others, or all.
 *
 * @throws as {@link authenticate}, and `CROSS_SITE_REQUEST` or a parsing code.
 */
export async function endOwnSessions(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<AnswerOf<'endSessions'>>> {
  const request = parseEndSessionsRequest(body);
  if (engine.sessionPolicy.carriage === 'cookie') refuseCrossSite(engine, facts);
  const { userId, sessionId } = await authenticate(engine, facts, { dpop: 'if-bound' });
  if ('sessionId' in request) await endSessionOf(engine, userId, request.sessionId);
  else await endAllSessions(engine, userId, request.which === 'others' ? sessionId : undefined);
  return nothing;
}
