export type { OperationHandlerOptions } from './operation-handler.js';
export { requireAuth } from './require-auth.js';
export { zkpAuth } from './zkp-auth.js';
export { zkpChallenge } from './zkp-challenge.js';
export { zkpPin } from './zkp-pin.js';
export { zkpRegister } from './zkp-register.js';
export { zkpRotateKey } from './zkp-rotate-key.js';
export { zkpVerify } from './zkp-verify.js';
