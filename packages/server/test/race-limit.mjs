// A process that tests start. It counts 100 uses of one key at once, and tells how many the limit let through.
import { RedisLimitStore } from '@zkp-auth/server/redis';
import { Redis } from 'ioredis';

const { path, prefix, limit } = JSON.parse(process.argv[2]);
const redis = new Redis({ path });
const counter = new RedisLimitStore(redis, { prefix }).open('logins', limit);
const waits = await Promise.all(Array.from({ length: 100 }, () => counter.take('alice')));
process.send(waits.filter((waitMs) => waitMs === 0).length);
process.disconnect();
redis.disconnect();
