export { RedisChallengeStore, type RedisChallengeStoreOptions } from './redis-challenge-store.js';
