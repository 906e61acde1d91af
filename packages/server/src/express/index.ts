export type { OperationHandlerOptions } from './serve-route.js';
export {
  type RouteHandlerFactory,
  zkpChallenge,
  zkpRegister,
  zkpRoute,
  zkpVerify,
} from './route-handlers.js';
export { type ConfirmOptions, requireAuth, type RequireAuthOptions } from './require-auth.js';
export { zkpAuth, type ZkpAuthRouterOptions } from './zkp-auth.js';
export { zkpJwks } from './zkp-jwks.js';
export { payloadOf, userOf } from '../http/admitted-requests.js';
export { BodyReader, type BodyReaderOptions } from '../node/body-reader.js';
export { sendProblem } from '../node/send-problem.js';
