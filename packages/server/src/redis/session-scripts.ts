// Each script runs on two keys in one slot. The first key is a hash of a user's epoch and sessions. A session's value
// begins with its epoch, its expiry time and its credential. The second key is a sorted set of the session ids by
// last use. An earlier release wrote only the hash. If there are at most a hundred sessions, a script that needs all
// of them reads the hash. If there are more, it reads the sorted set.

const library = `
local key, used = KEYS[1], KEYS[2]
local slice = 100
local erased = 'erased'
local function lastUseOf(value) return value:match('"lastUsedAtMs":(%d+)') or '0' end
local function count() return redis.call('HLEN', key) - 1 end
local function keep(id, value)
  redis.call('HSET', key, id, value)
  redis.call('ZADD', used, lastUseOf(value), id)
end
local function drop(id)
  redis.call('ZREM', used, id)
  return redis.call('HDEL', key, id)
end
local function last(ttl)
  for _, each in ipairs(KEYS) do
    if redis.call('PTTL', each) < tonumber(ttl) then redis.call('PEXPIRE', each, ttl) end
  end
end
local function startOver(epoch, kept)
  local ttl = redis.call('PTTL', key)
  redis.call('UNLINK', key, used)
  if #kept == 0 then return end
  local nextEpoch = string.format('%.0f', tonumber(epoch) + 1)
  redis.call('HSET', key, 'epoch', nextEpoch)
  for _, one in ipairs(kept) do keep(one.id, nextEpoch .. one.value:sub(#epoch + 1)) end
  if ttl > 0 then last(ttl) end
end
local function sessionsOf(ids)
  local all = {}
  if #ids > 0 then
    for i, value in ipairs(redis.call('HMGET', key, unpack(ids))) do
      if value then table.insert(all, { id = ids[i], value = value }) end
    end
  end
  return all
end
local function pairsOf(list)
  local all = {}
  for i = 1, #list, 2 do
    if list[i] ~= 'epoch' then table.insert(all, { id = list[i], value = list[i + 1] }) end
  end
  return all
end
`;

/**
 * Deletes a field that never exists, so that the script begins with a deletion. A Redis server that has become a
 * replica refuses a script at its first write, even for a user of whom it has no keys. A full Redis refuses a script
 * whose first write may need memory. It runs the whole script if the first write is a deletion.
 */
const writeFirst = `redis.call('HDEL', key, '')`;

/**
 * Keep a session in the present epoch, or in a fresh epoch if there is none, and make the keys last at least as long
 * as the session. Before that, delete some dead sessions, and the least recently used ones beyond the limit. The
 * answer is 1 and then the id and the credential of each session that ended for the new one. It is 0 if the id
 * exists. If the user was erased, nothing is kept.
 */
export const createScript: string = `${library}
local id, text, fresh, now, ttl, max = unpack(ARGV)
local epoch = redis.call('HGET', key, 'epoch')
if redis.call('HEXISTS', key, id) == 1 then return { 0 } end
if epoch == erased then return { 1 } end
local function isDead(value)
  local its, expires = value:match('^(%d+) (%d+) ')
  return its and (its ~= epoch or tonumber(expires) < tonumber(now))
end
if epoch then
  if count() > redis.call('ZCARD', used) then
    local some = count() <= slice and redis.call('HGETALL', key) or redis.call('HRANDFIELD', key, slice, 'WITHVALUES')
    for _, one in ipairs(pairsOf(some)) do
      if isDead(one.value) then drop(one.id)
      else redis.call('ZADD', used, 'NX', lastUseOf(one.value), one.id) end
    end
  end
  for _, one in ipairs(sessionsOf(redis.call('ZRANGE', used, 0, 15))) do
    if isDead(one.value) then drop(one.id) end
  end
else
  epoch = fresh
  redis.call('HSET', key, 'epoch', epoch)
end
local answer = { 1 }
local surplus = max == '' and 0 or redis.call('ZCARD', used) - max + 1
if surplus > 0 then
  local ids = redis.call('ZRANGE', used, 0, math.min(surplus, slice) - 1)
  for _, one in ipairs(sessionsOf(ids)) do
    table.insert(answer, one.id)
    table.insert(answer, one.value:match('^%d+ %d+ (%S+) ') or '')
  end
  redis.call('ZREM', used, unpack(ids))
  redis.call('HDEL', key, unpack(ids))
end
keep(id, epoch .. ' ' .. text)
last(ttl)
return answer`;

/** Replace one value by another, if neither it nor the epoch has changed. */
export const replaceScript: string = `${library}
local found = redis.call('HMGET', key, 'epoch', ARGV[1])
if found[1] ~= ARGV[2] or found[2] ~= ARGV[3] then return 0 end
keep(ARGV[1], ARGV[4])
local ttl = redis.call('PTTL', key)
if ttl > 0 then last(ttl) end
return 1`;

export const endScript: string = `${library}
local found = redis.call('HMGET', key, 'epoch', ARGV[1])
if drop(ARGV[1]) == 0 then return 0 end
return found[2]:match('^%d+') == found[1] and 1 or 0`;

/**
 * End the sessions of a credential. If the user has more than a hundred sessions, end all of them except the sessions
 * of other credentials among the hundred that were used last.
 */
export const endOfCredentialScript: string = `${library}
${writeFirst}
local epoch = redis.call('HGET', key, 'epoch')
if not epoch then return {} end
local isAll = count() <= slice
local some = isAll and pairsOf(redis.call('HGETALL', key)) or sessionsOf(redis.call('ZREVRANGE', used, 0, slice - 1))
local ended, kept = {}, {}
for _, one in ipairs(some) do
  local its, credential = one.value:match('^(%d+) %d+ (%S+) ')
  if its == epoch and credential == ARGV[1] then
    if isAll then drop(one.id) end
    table.insert(ended, one.id)
  elseif its == epoch then table.insert(kept, one) end
end
if not isAll then startOver(epoch, kept) end
return ended`;

/** End all sessions. A kept session that is live moves to the next epoch, and everything else is deleted. */
export const endAllScript: string = `${library}
${writeFirst}
local found = redis.call('HMGET', key, 'epoch', ARGV[1])
local epoch, value = found[1], found[2]
if not epoch or epoch == erased then return end
local isKept = ARGV[1] ~= 'epoch' and value and value:match('^%d+') == epoch
startOver(epoch, isKept and { { id = ARGV[1], value = value } } or {})`;

/**
 * Erase all sessions. For some time, a mark takes the place of the epoch. A session that begins meanwhile ends at once.
 */
export const eraseScript: string = `${library}
${writeFirst}
redis.call('UNLINK', key, used)
redis.call('HSET', key, 'epoch', erased)
redis.call('PEXPIRE', key, ARGV[1])`;

/**
 * The epoch, and then the id and the value of each session. If there are more than a hundred sessions, it gives a
 * hundred, and begins with the last used ones.
 */
export const listScript: string = `${library}
local epoch = redis.call('HGET', key, 'epoch')
if not epoch then return {} end
local some = count() <= slice and pairsOf(redis.call('HGETALL', key))
if not some then
  some = sessionsOf(redis.call('ZREVRANGE', used, 0, slice - 1))
  if #some < slice then
    local has = {}
    for _, one in ipairs(some) do has[one.id] = true end
    for _, one in ipairs(pairsOf(redis.call('HRANDFIELD', key, slice - #some, 'WITHVALUES'))) do
      if not has[one.id] then table.insert(some, one) end
    end
  end
end
local answer = { epoch }
for _, one in ipairs(some) do
  table.insert(answer, one.id)
  table.insert(answer, one.value)
end
return answer`;
