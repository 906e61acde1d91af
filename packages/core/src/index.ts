export * from './exports.js';
export { isValidPublicKey, verifyProof } from './verify/verify-proof-noble.js';
