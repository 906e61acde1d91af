import express, { type Router } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { OperationHandlerOptions } from './operation-handler.js';
import { zkpChallenge } from './zkp-challenge.js';
import { zkpRegister } from './zkp-register.js';
import { zkpVerify } from './zkp-verify.js';

/**
 * The router: `/challenge`, `/register` and `/verify`. Mount it where the client's `baseUrl` points. It reads
 * bodies itself; mount it before any global `express.json()`, which would read them less strictly.
 *
 * @example
 * ```ts
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function zkpAuth(auth: ZkpAuth, options: OperationHandlerOptions = {}): Router {
  const router = express.Router();
  router.all('/challenge', zkpChallenge(auth, options));
  router.all('/register', zkpRegister(auth, options));
  router.all('/verify', zkpVerify(auth, options));
  return router;
}
