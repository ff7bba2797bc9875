-- Counts one try in every counter, unless one of them still makes its subject wait.
-- KEYS: the counters. ARGV, four for each: free tries, first wait, longest wait, seconds until it is forgotten.
-- Answers the seconds to wait (0: go ahead) and each counter's tries by now.
local now = tonumber(redis.call('TIME')[1])
local wait = 0
for _, key in ipairs(KEYS) do
  local until_s = tonumber(redis.call('HGET', key, 'until') or '0')
  wait = math.max(wait, until_s - now)
end
local answer = {wait}
if wait > 0 then return answer end
for i, key in ipairs(KEYS) do
  local free, first, longest, forget = unpack(ARGV, i * 4 - 3, i * 4)
  local tries = redis.call('HINCRBY', key, 'n', 1)
  local over = tries - tonumber(free)
  local delay = 0
  if over >= 0 then delay = math.min(tonumber(longest), tonumber(first) * 2 ^ math.min(over, 30)) end
  redis.call('HSET', key, 'until', string.format('%d', now + delay))
  redis.call('EXPIRE', key, string.format('%d', tonumber(forget) + delay))
  answer[i + 1] = tries
end
return answer
