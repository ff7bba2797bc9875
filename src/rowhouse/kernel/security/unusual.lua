-- Adds what people read and probed to what is known of each, and says of whom it is unusual.
-- KEYS: one hash for each person. ARGV: the reads a minute that are never unusual, how many times the usual is, the ids
-- probed in ten minutes that are not yet, then reads and probes of each.
-- Answers for each {reads of this minute where they are unusual and were not told within the hour, else 0; the usual;
-- probes likewise}.
-- The usual is a moving mean over the minutes in which somebody reads at all; an unusual one raises it no further than
-- the most that would have passed.
local HOUR, WINDOW, KEPT, WEIGHT = 3600, 600, 30 * 86400, 0.1
local now = tonumber(redis.call('TIME')[1])
local minute = math.floor(now / 60)
local floor, times, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local answer = {}
for i, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'minute', 'reads', 'usual', 'since', 'probes', 'told_reads', 'told_probes')
  for n = 1, 7 do known[n] = tonumber(known[n] or 0) end
  local last, reads, usual, since, probes, told_reads, told_probes = unpack(known)
  if last ~= minute then
    if reads > 0 then usual = usual + WEIGHT * (math.min(reads, math.max(floor, times * usual)) - usual) end
    reads = 0
  end
  if now - since >= WINDOW then since, probes = now, 0 end
  reads = reads + tonumber(ARGV[i * 2 + 2])
  probes = probes + tonumber(ARGV[i * 2 + 3])
  local much, probed = 0, 0
  if reads > math.max(floor, times * usual) and now - told_reads >= HOUR then much, told_reads = reads, now end
  if probes > most and now - told_probes >= HOUR then probed, told_probes = probes, now end
  redis.call('HSET', key, 'minute', minute, 'reads', reads, 'usual', tostring(usual), 'since', since,
    'probes', probes, 'told_reads', told_reads, 'told_probes', told_probes)
  redis.call('EXPIRE', key, KEPT)
  answer[i] = { much, math.floor(usual + 0.5), probed }
end
return answer
