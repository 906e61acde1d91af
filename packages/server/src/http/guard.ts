import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { authenticate } from '../operations/authenticate.js';
import { confirm, requireOwnAction } from '../operations/confirm.js';
import { requestEngine } from '../request-engine.js';
import { parseJson } from '../parse-json.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { factsOf } from './facts-of.js';
import type { HeaderList } from '../outcome.js';
import type { HttpRequest } from './http-message.js';
import { isJson, requireFittingBody } from './json-body.js';
import { maxConfirmedBytes } from './limits.js';
import { turnEnd } from '../turn-end.js';

/** The demands of a guarded route. */
export interface GuardOptions {
  /**
   * Accept a token until it expires, without a look at its session. So a token stays valid after its session has
   * ended. Default false. Then such a token is refused at once.
   */
  stateless?: boolean | undefined;
  /**
   * The longest time since the sign-in, in milliseconds. Default any time. A refusal is
   * `REAUTHENTICATION_REQUIRED`.
   */
  maxAgeMs?: number | undefined;
  /** Ask for a fresh proof over this action and the exact bytes of the body. Default none. */
  confirm?: { action: string; limitBytes?: number };
}

/** A request that was let through. */
export interface Admission {
  /** The person of the access token. */
  user: ZkpUser;
  /** The exact bytes that were confirmed, or `undefined` without `confirm`. */
  payload: Uint8Array | undefined;
  /** The confirmed body, parsed if it is JSON, else as bytes. `undefined` without `confirm`. */
  body: unknown;
  /** Headers that the answer must carry. */
  headers: HeaderList;
}

/**
 * Let a request through if it has a valid access token of a live session, and a confirmation if one is asked for.
 *
 * @throws {@link ZkpAuthError} `UNAUTHENTICATED`, `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`,
 * `REAUTHENTICATION_REQUIRED`, `CONFIRMATION_REQUIRED`, `CONFIRMATION_REJECTED`, `STORE_UNAVAILABLE`. With a body
 * that is confirmed, also `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`, `BODY_TIMEOUT`,
 * `SERVER_BUSY`.
 * @throws `TypeError` if the application has read the body before.
 */
export async function guard(
  engine: Engine,
  request: HttpRequest,
  { confirm: asked, stateless, maxAgeMs }: GuardOptions,
): Promise<Admission> {
  await turnEnd();
  const facts = factsOf(request);
  const { confirmation, dpop } = facts;
  const own = requestEngine(engine, facts);
  const proof = asked !== undefined && confirmation !== undefined ? 'if-bound' : undefined;
  const user = await authenticate(own, facts, { stateless, maxAgeMs, dpop: proof });
  const headers: HeaderList = dpop === undefined ? [] : [['DPoP-Nonce', engine.nonces.current()]];
  if (asked === undefined) return { user, payload: undefined, body: undefined, headers };
  const { action, limitBytes = maxConfirmedBytes } = asked;
  requireOwnAction(action);
  if (confirmation === undefined) throw new ZkpAuthError('CONFIRMATION_REQUIRED');
  requireFittingBody(request, limitBytes);
  const payload = await request.body(limitBytes);
  if (!(payload instanceof Uint8Array)) throw new TypeError(mountFirst);
  const body: unknown = isJson(request) && payload.length > 0 ? parseJson(payload) : payload;
  await confirm(own, { user, action, payload, confirmation }, facts);
  return { user, payload, body, headers };
}

/** The sentence for an application that has read a body which is to be confirmed. */
export const mountFirst: string =
  'a guard with confirm reads the body itself: mount it before any parser of bodies, such as express.json()';
