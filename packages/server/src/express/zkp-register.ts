import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/register`: create a user with a first credential. */
export function zkpRegister(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.register, run: (body, facts) => auth.finishRegistration(body, facts) },
    options,
  );
}
