import { ZkpAuthError } from '@zkp-auth/core';
import type { Request } from 'express';
import { checkedInteger } from '../checked-integer.js';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { type BodyReader, sharedBodyReader } from '../node/body-reader.js';
import { isJson, parseJson } from '../node/read-json-body.js';
import { requireOwnAction } from '../operations/confirm.js';
import type { ZkpUser } from '../tokens/token-issuer.js';

export interface ConfirmOptions {
  /** What the person confirms: the name that the client was given with the payload. */
  action: string | ((req: Request) => string);
  /** The longest body in bytes; default 102 400. */
  limitBytes?: number;
  /** Reads the bodies; default the reader that all handlers of this process share. */
  bodyReader?: BodyReader;
}

export interface ConfirmGuard {
  /** @throws `TypeError` for what only the application can have got wrong. */
  prepare(req: Request): string;
  /** Read the body, and have its exact bytes confirmed. `req.body` is parsed JSON then, or the bytes. */
  confirm(req: Request, confirmed: { action: string; user: ZkpUser; facts: RequestFacts }): Promise<void>;
}

/** Asks for a fresh proof over the body of each request. */
export function confirmGuard(auth: ZkpAuth, options: string | ConfirmOptions): ConfirmGuard {
  const {
    action,
    limitBytes = 102_400,
    bodyReader = sharedBodyReader,
  } = typeof options === 'string' ? { action: options } : options;
  bodyReader.requireRoom(checkedInteger('limitBytes', limitBytes, 0));
  if (typeof action === 'string') requireOwnAction(action);
  return {
    prepare(req) {
      if (req.readableDidRead || req.readableEnded) {
        throw new TypeError(
          'requireAuth with confirm reads the body itself: mount it before any parser of bodies, such as express.json()',
        );
      }
      return typeof action === 'string' ? action : requireOwnAction(action(req));
    },
    async confirm(req, { action, user, facts }) {
      if (facts.confirmation === undefined) throw new ZkpAuthError('CONFIRMATION_REQUIRED');
      const payload = await bodyReader.read(req, limitBytes);
      const body: unknown = isJson(req) && payload.length > 0 ? parseJson(payload) : payload;
      await auth.confirm({ user, action, payload, confirmation: facts.confirmation }, facts);
      req.body = body;
    },
  };
}
