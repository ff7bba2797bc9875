-- KEYS: what is used of a service's limits by all organizations, and by one of them; each holds, by the limit's size, a
-- number and when it begins anew (ms). ARGV: the moment (ms), then size, use and end of each limit of which an answer has
-- told: a call of that organization. Answers size, use, end and the organization's calls of each that is not over.
local moment = tonumber(ARGV[1])

local function known(key, limit)
  local number, ends = string.match(redis.call('HGET', key, limit) or '', '^(%d+) (%d+)$')
  if ends and tonumber(ends) > moment then
    return tonumber(number), ends
  end
  return 0, nil
end

local function keep(key, limit, number, ends)
  local left = tonumber(ends) - moment
  redis.call('HSET', key, limit, number .. ' ' .. ends)
  if redis.call('PTTL', key) < left then
    redis.call('PEXPIRE', key, left)
  end
end

for _, key in ipairs(KEYS) do
  for _, limit in ipairs(redis.call('HKEYS', key)) do
    local _, ends = known(key, limit)
    if not ends then
      redis.call('HDEL', key, limit)
    end
  end
end

for i = 2, #ARGV, 3 do
  local limit, use, ends = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  if tonumber(ends) > moment then
    local used, till = known(KEYS[1], limit)
    keep(KEYS[1], limit, math.max(use, used), till or ends)
    local calls, since = known(KEYS[2], limit)
    keep(KEYS[2], limit, calls + 1, since or ends)
  end
end

local found = {}
for _, limit in ipairs(redis.call('HKEYS', KEYS[1])) do
  local used, ends = known(KEYS[1], limit)
  found[#found + 1] = {tonumber(limit), used, tonumber(ends), (known(KEYS[2], limit))}
end
return found
