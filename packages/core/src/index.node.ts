export * from './exports.js';
export { isValidPublicKey, verifyProof, verifyProofAsync } from './verify/verify-proof-native.js';
