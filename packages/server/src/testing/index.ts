export type { RegisterTest } from './contract.js';
export type { AdapterApp, ServeAdapterApp } from './adapter-app.js';
export { type AdapterTestRunner, testAdapter } from './test-adapter.js';
export { testChallengeStore } from './test-challenge-store.js';
export { testCredentialStore } from './test-credential-store.js';
export { testKeyRingStore } from './test-key-ring-store.js';
export { testLimitStore } from './test-limit-store.js';
export { testPinStore } from './test-pin-store.js';
export { testSessionStore } from './test-session-store.js';
