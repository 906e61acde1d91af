export { requireAuth, type RequireAuthOptions } from './require-auth.js';
export { zkpAuth, type ZkpAuthPluginOptions } from './zkp-auth.js';
export { zkpJwks } from './zkp-jwks.js';
export { sendProblem } from './send-answer.js';
export { payloadOf, userOf } from '../http/admitted-requests.js';
export { BodyReader, type BodyReaderOptions } from '../node/body-reader.js';
