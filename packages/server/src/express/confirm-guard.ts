import { ZkpAuthError } from '@zkp-auth/core';
import type { Request } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { requireOwnAction } from '../operations/confirm.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { readBody, requireFittingBody } from './read-body.js';
import { isJson, parseJson } from './read-json-body.js';

export interface ConfirmOptions {
  /** What the person confirms: the name that the client was given with the payload. */
  action: string | ((req: Request) => string);
  /** The longest body in bytes; default 102 400. */
  limitBytes?: number;
}

export interface ConfirmGuard {
  /** @throws `TypeError` for what only the application can have got wrong. */
  prepare(req: Request): string;
  /** Read the body, and have its exact bytes confirmed. `req.body` is parsed JSON then, or the bytes. */
  confirm(req: Request, confirmed: { action: string; user: ZkpUser; facts: RequestFacts }): Promise<void>;
}

/** Asks for a fresh proof over the body of each request. */
export function confirmGuard(auth: ZkpAuth, options: string | ConfirmOptions): ConfirmGuard {
  const { action, limitBytes = 102_400 } = typeof options === 'string' ? { action: options } : options;
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
      requireFittingBody(req, limitBytes);
      const payload = await readBody(req, limitBytes);
      const body: unknown = isJson(req) && payload.length > 0 ? parseJson(payload) : payload;
      await auth.confirm({ user, action, payload, confirmation: facts.confirmation }, facts);
      req.body = body;
    },
  };
}
