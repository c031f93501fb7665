-- Requests for wrk: `wrk -s requests.lua ADDRESS -- CASE FACE MODE [TOKENS]`.
--
-- CASE   comparison | framework | page | return
-- FACE   rest | graphql | floor
-- MODE   first: another partnership and other indicators in each request; repeated: always the same
-- TOKENS a file with a partnership and its token a line, for returns

local partnerships, indicators, quarters = 350, 300, 20

local function period(quarter)
  local year = 2005 + math.floor(quarter / 4)
  return string.format("FY%d-%02d-Q%d", year, (year + 1) % 100, quarter % 4 + 1)
end

local function partnership(number) return string.format("generated-%04d", number) end
local function indicator(number) return string.format("CRIME generated-%03d", number) end

local function ten_from(first)
  local codes = {}
  for number = first, first + 9 do codes[#codes + 1] = indicator(number) end
  return codes
end

local function escaped(text) return (text:gsub(" ", "+")) end
local function quoted(codes) return '["' .. table.concat(codes, '","') .. '"]' end

local json = { ["Content-Type"] = "application/json" }

local function graphql(query, variables)
  local body = string.format('{"query":"%s","variables":%s}', query:gsub("%s+", " "):gsub('"', '\\"'), variables)
  return wrk.format("POST", "/graphql", json, body)
end

-- Each case: what to ask for a partnership, a first indicator and a quarter.
local cases = { rest = {}, graphql = {}, floor = {} }

function cases.rest.comparison(who, first, quarter)
  local periods = period(quarter) .. "," .. period(quarter - 4)
  return wrk.format("GET", string.format("/v1/partnerships/%s/comparison?indicators=%s&periods=%s", partnership(who),
    escaped(table.concat(ten_from(first), ",")), periods))
end

function cases.graphql.comparison(who, first, quarter)
  return graphql([[
    query($partnership: String!, $indicators: [String!]!, $periods: [String!]!) {
      comparison(partnership: $partnership, indicators: $indicators, periods: $periods) {
        state comparisons {
          indicator { code } period { code } title unit per polarity used membersInGroup coverage average rankOrder
          refused { reason message }
          members { partnership { code } value rank position progress change { relative points } } } } }]],
    string.format('{"partnership":"%s","indicators":%s,"periods":["%s","%s"]}', partnership(who),
      quoted(ten_from(first)), period(quarter), period(quarter - 4)))
end

function cases.floor.comparison(who, first, quarter)
  return wrk.format("GET", string.format("/comparison?partnership=%s&first=%d&periods=%s,%s&before=%s,%s", partnership(who),
    first, period(quarter), period(quarter - 4), period(quarter - 1), period(quarter - 5)))
end

function cases.rest.framework(who, _, quarter)
  return wrk.format("GET", string.format("/v1/partnerships/%s/framework?period=%s", partnership(who), period(quarter)))
end

function cases.graphql.framework(who, _, quarter)
  return graphql([[
    query($partnership: String!, $period: String!) {
      partnership(code: $partnership) { framework(period: $period) {
        title sections { number title lines {
          sourceRow title unit per indicator { code }
          actuals { value asPrinted period { code } change { relative points notComputed } }
          targets { value period { code } met { light level notComputed } } } } } } }]],
    string.format('{"partnership":"%s","period":"%s"}', partnership(who), period(quarter)))
end

function cases.floor.framework(who, _, quarter)
  return wrk.format("GET", string.format("/framework?partnership=%s&period=%s", partnership(who), period(quarter)))
end

function cases.rest.page(who, _, quarter)
  return wrk.format("GET", string.format("/v1/actuals?partnerships=%s&periods=%s", partnership(who), period(quarter)))
end

function cases.graphql.page(who, _, quarter)
  return graphql([[
    query($partnership: String!, $period: String!) {
      actuals(first: 100, partnerships: [$partnership], periods: [$period]) {
        pageInfo { hasNextPage endCursor }
        nodes { kind value numerator denominator status basis missing unit per asPrinted publishedAt
          indicator { code } period { code } partnership { code } area { code } } } }]],
    string.format('{"partnership":"%s","period":"%s"}', partnership(who), period(quarter)))
end

function cases.floor.page(who, _, quarter)
  return wrk.format("GET", string.format("/page?partnership=%s&period=%s", partnership(who), period(quarter)))
end

local tokens, sent, thread = {}, 0, 0

local function lines()
  local written = {}
  for number = 1, 80 do
    written[#written + 1] = string.format(
      '{"source_row":"%d","indicator":"%s","period":"%s","actual":{"value":%.2f,"numerator":%d,"denominator":200000}}',
      number, indicator(number), period(quarters), math.random(1, 9999) / 100, math.random(1, 9999))
  end
  return table.concat(written, ",")
end

cases.rest["return"] = function()
  local one = tokens[math.random(#tokens)]
  sent = sent + 1
  local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. one.token,
    ["Idempotency-Key"] = string.format("%d-%d-%d", os.time(), thread, sent + math.random(1e9)),
  }
  local body = string.format('{"partnership":"%s","collection":"generated-%s","lines":[%s]}', one.partnership,
    period(quarters):lower(), lines())
  return wrk.format("POST", "/v1/returns", headers, body)
end

cases.floor["return"] = function()
  return wrk.format("POST", "/return", json, string.format('{"lines":[%s]}', lines()))
end

cases.graphql["return"] = function()
  local one = tokens[math.random(#tokens)]
  sent = sent + 1
  local written = lines():gsub("source_row", "sourceRow")
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. one.token }
  local query = "mutation($input: ReturnInput!, $key: String!) { createReturn(input: $input, idempotencyKey: $key) "
    .. "{ return { id state version } report { id outcome errors warnings infos } } }"
  local body = string.format(
    '{"query":"%s","variables":{"key":"%d-%d-%d","input":{"partnership":"%s","collection":"generated-%s","lines":[%s]}}}',
    query, os.time(), thread, sent + math.random(1e9), one.partnership, period(quarters):lower(), written)
  return wrk.format("POST", "/graphql", headers, body)
end

local threads = 0

function setup(one)
  threads = threads + 1
  one:set("number", threads)
end

local ask, repeated

function init(arguments)
  local case, face, mode, file = arguments[1], arguments[2], arguments[3], arguments[4]
  ask, repeated, thread = cases[face][case], mode == "repeated", number
  math.randomseed(os.time() * 1000 + number)
  if file then
    for line in io.lines(file) do
      local who, token = line:match("(%S+) (%S+)")
      tokens[#tokens + 1] = { partnership = who, token = token }
    end
  end
end

function request()
  if repeated then return ask(17, 40, 15) end
  return ask(math.random(partnerships), math.random(indicators - 9), math.random(5, quarters - 1))
end

-- An answer that is none would be fast: failures are told.
function done(summary, latency)
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests * 1e6 / summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes / math.max(summary.requests, 1)))
  if summary.errors.status > 0 then io.write("FAILED " .. summary.errors.status .. "\n") end
end
