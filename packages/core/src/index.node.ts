export * from './exports.js';
export { isValidPublicKey, verifyProof } from './verify/verify-proof-native.js';
