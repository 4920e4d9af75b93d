#!lua name=goldstream
-- Gold as whole rows, for who reads Redis directly. A store is spread over shards by customer, so that each row stands
-- there in parts; these functions add them up, all at one moment. They write nothing.
--   redis-cli -x FUNCTION LOAD REPLACE < goldstream.lua                 once
--   FCALL_RO goldstream_rows 0 PREFIX TABLE                             KEY ROW KEY ROW …, as HGETALL gives them
--   FCALL_RO goldstream_row 0 PREFIX TABLE KEY                          ROW, or nothing
--   FCALL_RO goldstream_position 0 PREFIX                               how many events are in them: it grows with each commit
-- TABLE is countries, products, months, days, hours or customers; a row is JSON. One server: in a cluster its shards
-- lie on several nodes.

-- What a row says beside its key, in its order; amounts in cents.
local FIGURES = {
  countries = { 'buyers', 'orders', 'revenue_cents' },
  products = { 'orders', 'revenue_cents', 'min_cents', 'max_cents' },
  months = { 'orders', 'revenue_cents', 'customers' },
  days = { 'orders', 'revenue_cents' },
  hours = { 'orders', 'revenue_cents' },
}
local KEYS_OF = { countries = 'country', products = 'product', months = 'month', days = 'day', hours = 'hour' }

-- The generation that is served, and its shards.
local function shards(prefix)
  local ledger = redis.call('GET', prefix .. ':generations')
  local number, topology = 0, nil
  if ledger then
    local served = cjson.decode(ledger).served
    number, topology = served.number, served.topology
  else
    local stored = redis.call('GET', prefix .. ':0:topology')
    topology = stored and cjson.decode(stored)
  end
  if not topology then return nil end
  local keys = {}
  for shard = 0, topology.partitions - 1 do
    keys[#keys + 1] = string.format('%s:%d:{gold/%d}:', prefix, number, shard)
  end
  return keys
end

local function add(row, part)
  for name, figure in pairs(part) do
    if name == 'min_cents' then
      row[name] = math.min(row[name] or figure, figure)
    elseif name == 'max_cents' then
      row[name] = math.max(row[name] or figure, figure)
    elseif type(figure) == 'number' then
      row[name] = (row[name] or 0) + figure
    end
  end
  return row
end

-- The library for JSON would round what has more than 14 digits.
local function written(name, key, row)
  local members = { string.format('"%s":%s', KEYS_OF[name], key == '' and 'null' or cjson.encode(key)) }
  for _, figure in ipairs(FIGURES[name]) do
    members[#members + 1] = string.format('"%s":%.0f', figure, row[figure])
  end
  return '{' .. table.concat(members, ',') .. '}'
end

-- A customer lives in one shard, so his row is whole; where it stands is no matter of the reader.
local function whole(text)
  return (string.gsub(text, '^{"slot":%d+,', '{', 1))
end

local function asked(args)
  local prefix, name = args[1], args[2]
  if name ~= 'customers' and not FIGURES[name] then
    return nil, redis.error_reply('ERR no table ' .. tostring(name) .. ': countries, products, months, days, hours or customers')
  end
  local keys = shards(prefix)
  if not keys then return nil, redis.error_reply('ERR there is no goldstream under the prefix ' .. tostring(prefix)) end
  return keys, name
end

local function rows(_, args)
  local keys, name = asked(args)
  if not keys then return name end
  local found, order = {}, {}
  for _, shard in ipairs(keys) do
    local parts = redis.call('HGETALL', shard .. name)
    for place = 1, #parts, 2 do
      local key, text = parts[place], parts[place + 1]
      if not found[key] then order[#order + 1] = key end
      found[key] = name == 'customers' and text or add(found[key] or {}, cjson.decode(text))
    end
  end
  table.sort(order)
  local answer = {}
  for _, key in ipairs(order) do
    answer[#answer + 1] = key
    answer[#answer + 1] = name == 'customers' and whole(found[key]) or written(name, key, found[key])
  end
  return answer
end

local function row(_, args)
  local keys, name = asked(args)
  if not keys then return name end
  local key, sum = args[3] or '', nil
  for _, shard in ipairs(keys) do
    local text = redis.call('HGET', shard .. name, key)
    if text and name == 'customers' then return whole(text) end
    if text then sum = add(sum or {}, cjson.decode(text)) end
  end
  return sum and written(name, key, sum)
end

local function position(_, args)
  local keys = shards(args[1])
  if not keys then return redis.error_reply('ERR there is no goldstream under the prefix ' .. tostring(args[1])) end
  local sum = 0
  for _, shard in ipairs(keys) do
    sum = sum + tonumber(redis.call('HGET', shard .. 'head', 'position') or '0')
  end
  return sum
end

redis.register_function{ function_name = 'goldstream_rows', callback = rows, flags = { 'no-writes' } }
redis.register_function{ function_name = 'goldstream_row', callback = row, flags = { 'no-writes' } }
redis.register_function{ function_name = 'goldstream_position', callback = position, flags = { 'no-writes' } }
