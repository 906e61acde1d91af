export * from './exports.js';
export { isValidPublicKey, verifyProof, verifyProofAsync } from './verify/verify-proof-noble.js';
