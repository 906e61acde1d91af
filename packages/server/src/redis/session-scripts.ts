// Each runs on one key: the hash of a user's epoch and sessions, whose values begin with the session's epoch, the
// time of its expiry and its credential.

/**
 * Keep a session of the present epoch, or of a fresh one where there is none, and have the hash last as long as it.
 * Some of what is dead goes, so that it does not add up.
 */
export const createScript = `
local key, id, text, fresh, now, ttl = KEYS[1], unpack(ARGV)
local epoch = redis.call('HGET', key, 'epoch')
if not epoch then
  epoch = fresh
  redis.call('HSET', key, 'epoch', epoch)
end
local some = redis.call('HRANDFIELD', key, 16, 'WITHVALUES')
for i = 1, #some, 2 do
  local its, expires = some[i + 1]:match('^(%d+) (%d+) ')
  if its and (its ~= epoch or tonumber(expires) < tonumber(now)) then redis.call('HDEL', key, some[i]) end
end
if redis.call('HSETNX', key, id, epoch .. ' ' .. text) == 0 then return 0 end
if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
return 1`;

/** Put a value in place of another, where neither it nor the epoch has changed. */
export const replaceScript = `
local found = redis.call('HMGET', KEYS[1], 'epoch', ARGV[1])
if found[1] ~= ARGV[2] or found[2] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
return 1`;

export const endScript = `
local found = redis.call('HMGET', KEYS[1], 'epoch', ARGV[1])
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
return found[2]:match('^%d+') == found[1] and 1 or 0`;

export const endOfCredentialScript = `
local epoch = redis.call('HGET', KEYS[1], 'epoch')
local all, ended = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local its, credential = all[i + 1]:match('^(%d+) %d+ (%S+) ')
  if its == epoch and credential == ARGV[1] then
    redis.call('HDEL', KEYS[1], all[i])
    table.insert(ended, all[i])
  end
end
return ended`;

/**
 * One increment; the session that is kept goes over to the new epoch, if it is live. A full Redis refuses a script whose
 * first write may need memory, and lets all of a script through whose first write is a deletion: so this begins with
 * one, of a field that never is.
 */
export const endAllScript = `
redis.call('HDEL', KEYS[1], '')
local found = redis.call('HMGET', KEYS[1], 'epoch', ARGV[1])
local epoch, kept = found[1], found[2]
if not epoch then return end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
if kept and kept:match('^%d+') == epoch then
  redis.call('HSET', KEYS[1], ARGV[1], redis.call('HGET', KEYS[1], 'epoch') .. kept:sub(#epoch + 1))
end`;
