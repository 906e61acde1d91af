export { RedisChallengeStore, type RedisChallengeStoreOptions } from './redis-challenge-store.js';
export { RedisLimitStore, type RedisLimitStoreOptions } from './redis-limit-store.js';
export { RedisPinStore, type RedisPinStoreOptions } from './redis-pin-store.js';
export { RedisSessionStore, type RedisSessionStoreOptions } from './redis-session-store.js';
