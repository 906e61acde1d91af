export { type NodeHandlerOptions, zkpAuth } from './zkp-auth.js';
export { requireAuth, type RequireAuthOptions } from './require-auth.js';
export { zkpJwks } from './zkp-jwks.js';
export { sendProblem } from './send-problem.js';
export { payloadOf, userOf } from '../http/admitted-requests.js';
export { BodyReader, type BodyReaderOptions } from './body-reader.js';
export { type NodeRequest, nodeRequest, type NodeRequestOptions } from './node-request.js';
export { writeAnswer } from './write-answer.js';
