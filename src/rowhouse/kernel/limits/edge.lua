-- One call for the edges of many requests: the states of sessions, and a count in every limit that applies.
-- KEYS: sessions' keys and limits' counters. ARGV: for each key 0 to read a session's state, or the counter's window
-- in milliseconds; a negative window reads without counting.
-- Returns for each key the state or false, or {count, milliseconds left}. A window opens at its first request.
local answer = {}
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[i])
  if window == 0 then
    answer[i] = redis.call('GET', key)
  else
    local count
    if window < 0 then
      count = tonumber(redis.call('GET', key) or 0)
    else
      count = redis.call('INCR', key)
      if count == 1 then redis.call('PEXPIRE', key, window) end
    end
    local left = redis.call('PTTL', key)
    if left == -1 then redis.call('PEXPIRE', key, math.abs(window)); left = math.abs(window) end
    answer[i] = { count, math.max(left, 0) }
  end
end
return answer
