-- One round trip for an edge: the session's state, and a count in every limit that applies.
-- KEYS[1] the session's key, or '' without one; KEYS[2…] the limits' counters.
-- ARGV: for each counter its window in milliseconds; a negative window reads without counting.
-- Returns {state or false, {count, milliseconds left}, …}. A window opens at its first request.
local answer = { false }
if KEYS[1] ~= '' then answer[1] = redis.call('GET', KEYS[1]) end
for i = 2, #KEYS do
  local window = tonumber(ARGV[i - 1])
  local count
  if window < 0 then
    count = tonumber(redis.call('GET', KEYS[i]) or 0)
  else
    count = redis.call('INCR', KEYS[i])
    if count == 1 then redis.call('PEXPIRE', KEYS[i], window) end
  end
  local left = redis.call('PTTL', KEYS[i])
  if left == -1 then redis.call('PEXPIRE', KEYS[i], math.abs(window)); left = math.abs(window) end
  answer[i] = { count, math.max(left, 0) }
end
return answer
