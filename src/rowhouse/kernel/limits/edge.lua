-- One call for the edges of many requests: the states of sessions, and a count in every limit that applies.
-- KEYS: sessions' keys and limits' counters, question by question. ARGV: for each question the number of its keys,
-- then for each key two numbers: its window in milliseconds (0: the state of a session; negative: the counter is
-- read, not counted), and how often that counter may be counted.
-- Within a question nothing more is counted once a session has ended or a counter is past its limit: who is refused
-- takes nothing away from others.
-- Returns for each key the state or false, or {count, milliseconds left, 1 if counted}. A window opens at its first
-- request.
local answer = {}
local key, argument = 0, 1
while argument <= #ARGV do
  local open = true
  local last = key + tonumber(ARGV[argument])
  argument = argument + 1
  while key < last do
    key = key + 1
    local name, window = KEYS[key], tonumber(ARGV[argument])
    if window == 0 then
      local state = redis.call('GET', name)
      if state == 'null' then open = false end
      answer[key] = state
    else
      local count
      local counted = open and window > 0
      if counted then
        count = redis.call('INCR', name)
        if count == 1 then redis.call('PEXPIRE', name, window) end
      else
        count = tonumber(redis.call('GET', name) or 0)
      end
      local left = redis.call('PTTL', name)
      if left == -1 then redis.call('PEXPIRE', name, math.abs(window)); left = math.abs(window) end
      if count > tonumber(ARGV[argument + 1]) then open = false end
      answer[key] = { count, math.max(left, 0), counted and 1 or 0 }
    end
    argument = argument + 2
  end
end
return answer
