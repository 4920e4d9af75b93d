#!lua
-- Makes one commit of one shard: all of it or nothing.
--
-- KEYS  head; then, for a shard with a feed: feed, and the hashes that hold its rows or claims
-- ARGV  from, to, head
--       n, then n x (name, value): further fields of the feed entry
--       n, then n x (name, value): further fields of the head
--       per hash: the field of the head that holds its length; the field of the feed entry that
--                 lists its new values, or ''; n, then n fields to delete; n, then n x (field, value)
--       how many entries of the feed are kept, the new one included
-- Gives 'done', 'already' (to is stored), 'refused' (another position is), 'sealed' (its generation is about to
-- be replaced), 'damaged', and a word.
--
-- Redis keeps what a failing script has written, so every check stands before the first write,
-- the first write is the only one that can fail by its value, and the position is written last.
-- The shebang has the script refused before it begins where memory is short.
-- Values are absolute and positions are text: numbers of Lua are not exact.

-- unpack() fails at about 8,000 values.
local ARGS_MAX = 2000

local next_arg = 1
local function take()
  local value = ARGV[next_arg]
  next_arg = next_arg + 1
  return value
end

-- A count and that many groups of arguments: the first and the last place of them.
local function take_range(group)
  local count = tonumber(take())
  local first = next_arg
  next_arg = next_arg + count * group
  return first, next_arg - 1
end

local function call_in_pieces(command, key, first, last)
  for i = first, last, ARGS_MAX do
    redis.call(command, key, unpack(ARGV, i, math.min(i + ARGS_MAX - 1, last)))
  end
end

local function length(key)
  return string.format('%d', redis.call('HLEN', key))
end

-- The arguments, by their places.

local head_key, feed_key = KEYS[1], KEYS[2]
local from, to, head = take(), take(), take()
local entry_first, entry_last = take_range(2)
local head_first, head_last = take_range(2)
local hashes, head_fields = {}, {'position'}
for k = 3, #KEYS do
  local hash = {key = KEYS[k]}
  hash.length_field = take()
  hash.listed_as = take()
  hash.deleted_first, hash.deleted_last = take_range(1)
  hash.set_first, hash.set_last = take_range(2)
  -- What does not change is not looked at.
  if hash.deleted_first <= hash.deleted_last or hash.set_first <= hash.set_last then
    hashes[#hashes + 1] = hash
    head_fields[#head_fields + 1] = hash.length_field
  end
end
local entries_kept = take()
head_fields[#head_fields + 1] = 'seal'

-- The checks.

local stored = redis.call('HMGET', head_key, unpack(head_fields))
local position = stored[1] or '0'
if position ~= from then
  if position == to then return {'already', to} end
  return {'refused', position}
end
if stored[#head_fields] then return {'sealed', stored[#head_fields]} end
if not stored[1] and feed_key and redis.call('EXISTS', feed_key) == 1 then
  return {'damaged', head_key .. ' is gone, but ' .. feed_key .. ' is there'}
end
-- An entry beyond the position is of a commit that is not there whole.
if feed_key and redis.call('XRANGE', feed_key, '(' .. from .. '-0', '+', 'COUNT', 1)[1] then
  return {'damaged', feed_key .. ' goes beyond position ' .. from}
end
-- A hash that lost fields would hide it from now on, because its length is noted anew.
for i, hash in ipairs(hashes) do
  local expected, found = stored[i + 1] or '0', length(hash.key)
  if found ~= expected then
    return {'damaged', hash.key .. ' has ' .. found .. ' fields where ' .. expected .. ' were written'}
  end
end

-- The writes.

if feed_key then
  local entry = {'from', from, 'head', head}
  for i = entry_first, entry_last do entry[#entry + 1] = ARGV[i] end
  for _, hash in ipairs(hashes) do
    if hash.listed_as ~= '' and hash.set_first <= hash.set_last then
      local values = {}
      for i = hash.set_first + 1, hash.set_last, 2 do values[#values + 1] = ARGV[i] end
      entry[#entry + 1] = hash.listed_as
      entry[#entry + 1] = table.concat(values, '\n')
    end
  end
  local added = redis.pcall('XADD', feed_key, 'MAXLEN', '=', entries_kept, to .. '-0', unpack(entry))
  if type(added) == 'table' and added.err then
    return {'damaged', feed_key .. ' does not end at position ' .. from .. ' (' .. added.err .. ')'}
  end
end

local fields = {'head', head}
for i = head_first, head_last do fields[#fields + 1] = ARGV[i] end
for _, hash in ipairs(hashes) do
  call_in_pieces('HDEL', hash.key, hash.deleted_first, hash.deleted_last)
  call_in_pieces('HSET', hash.key, hash.set_first, hash.set_last)
  fields[#fields + 1] = hash.length_field
  fields[#fields + 1] = length(hash.key)
end
fields[#fields + 1] = 'position'
fields[#fields + 1] = to
redis.call('HSET', head_key, unpack(fields))
return {'done', to}
