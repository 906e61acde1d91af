export type { OperationHandlerOptions } from './operation-handler.js';
export { requireAuth } from './require-auth.js';
export { zkpAuth } from './zkp-auth.js';
export { zkpChallenge } from './zkp-challenge.js';
export { zkpRegister } from './zkp-register.js';
export { zkpVerify } from './zkp-verify.js';
