export { fetchHandler, type FetchHandlerOptions } from './fetch-handler.js';
export { requireAuth, type RequireAuthOptions } from './require-auth.js';
export { zkpJwks } from './zkp-jwks.js';
export { refuse } from './respond.js';
export type { ZkpAuthSource } from './auth-source.js';
export { BodyReader, type BodyReaderOptions } from '../node/body-reader.js';
