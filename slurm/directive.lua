-- SPDX-License-Identifier: Apache-2.0
-- What a directive may say, and how it is handed over. slurm/install puts this file into burst_buffer.lua and job_submit.lua.

local MOST_IMAGES = 16
local LONGEST = 512
-- Bytes of a script in which its directives have to be. Scripts are read under the controller's locks.
local HEADER = 65536

-- Fit for a terminal and a job's reason.
local function shown(text)
  text = tostring(text):gsub("[^\32-\126]", "?")
  if #text > 120 then
    text = text:sub(1, 117) .. "..."
  end
  return "'" .. text .. "'"
end

local check = {}

-- What is a file, a directory or a daemon of some host.
local elsewhere = {
  ["docker-daemon"] = true, ["docker-archive"] = true, oci = true, ["oci-archive"] = true, dir = true, squashfs = true, sif = true,
}

function check.image(value)
  if elsewhere[value:match("^([%l-]+):")] or (value:match("^[%l-]+:/") and not value:match("^docker://")) then
    return "images come from registries here: [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST]"
  end
  local name = value:gsub("^docker://", "")
  if not name:match("^%w[%w%._:/@-]*$") or name:match("//") or name:match("%.%.") then
    return "write it like alpine:3.20, or registry.example.org:5000/group/name:tag"
  end
end

function check.cache(value)
  if not value:match("^/[%w%._/@+-]*$") or (value .. "/"):match("/%.%.?/") then
    return "a cache is an absolute path of letters, digits and . _ - + @ /"
  end
end

function check.format(value)
  if value ~= "auto" and value ~= "dir" and value ~= "squashfs" then
    return "it is none of auto, dir, squashfs"
  end
end

-- One directive's words, added to request; returns what is wrong with them, or nothing.
local function read_words(words, request)
  for word in words:gmatch("[^ \t]+") do
    local key, value = word:match("^(%l+)=(.+)$")
    if not key or not check[key] then
      return "cannot use the word " .. shown(word) .. ": a directive is made of image=REF, cache=DIR and format=FORMAT"
    end
    if #value > LONGEST then
      return "cannot use " .. key .. "=" .. shown(value) .. ": it is longer than " .. LONGEST .. " characters"
    end
    local wrong = check[key](value)
    if wrong then
      return "cannot use " .. shown(word) .. ": " .. wrong
    end
    if key ~= "image" and request[key] and request[key] ~= value then
      return "cannot use " .. shown(word) .. ": " .. key .. " is given twice"
    end
    if key == "image" then
      if #request.images == MOST_IMAGES then
        return "cannot stage in more than " .. MOST_IMAGES .. " images: " .. shown(word) .. " is one too many"
      end
      request.images[#request.images + 1] = value
    else
      request[key] = value
    end
  end
end

-- What is wrong with all of a job's directives; example is how one is written.
local function lacks(request, example)
  if #request.images == 0 then
    return "cannot stage in: the directive names no image: " .. example
  end
end

-- Calls use(line) for each line of a script's header that begins with prefix: the comments before the first line of another kind, where Slurm
-- looks for directives, too. Returns what use says is wrong, or that a directive comes too late to be read.
local function each_directive(script, prefix, use)
  local header = script
  if #script > HEADER then
    -- Whole lines only.
    header = script:sub(1, HEADER):match("^(.*)\n") or ""
  end
  for line in header:gmatch("[^\n]+") do
    if line:sub(1, 1) ~= "#" then
      return
    end
    if line:sub(1, #prefix) == prefix then
      local wrong = use(line)
      if wrong then
        return wrong
      end
    end
  end
  local late = #header < #script and (script:find("\n" .. prefix, #header + 1, true) or header == "" and script:find(prefix, 1, true) == 1)
  if late then
    return "cannot read a directive behind the first 64 KiB of a script: write it at the top"
  end
end

-- Words ended by NUL, which no checked word holds; what is not there whole is not there.
local function write_request(path, request)
  local new = path:gsub("([^/]+)$", ".%1")
  local file, why = io.open(new, "wb")
  if not file then
    return "cannot write " .. path .. ": " .. tostring(why) .. "; run slurm/install on this host"
  end
  for _, image in ipairs(request.images) do
    file:write("image=", image, "\0")
  end
  for _, key in ipairs({ "cache", "format", "tag", "user", "hold" }) do
    if request[key] then
      file:write(key, "=", request[key], "\0")
    end
  end
  -- What could not be written is said by the last of these at the latest.
  local done
  done, why = file:flush()
  local closed, why_not = file:close()
  if done and closed then
    done, why = os.rename(new, path)
  else
    done, why = nil, why or why_not
  end
  if not done then
    os.remove(new)
    return "cannot write " .. path .. ": " .. tostring(why)
  end
end

local function is_number(text)
  return tostring(text):match("^%d+$") ~= nil and #tostring(text) <= 10
end

local function is_plain_path(path)
  return tostring(path):match("^/[%w%._/+-]+$") ~= nil
end

local function is_tag(text)
  return tostring(text):match("^%x+$") ~= nil and #tostring(text) == 16
end

-- Starts slurm/stage in a session of its own, and does not wait for it. All words are numbers, tags and plain paths.
local function start(action, ...)
  local words = { "setsid", PREFIX .. "/share/slurm/stage", action, STATE, ... }
  for i = 2, #words do
    if words[i] ~= action and not is_number(words[i]) and not is_tag(words[i]) and not is_plain_path(words[i]) then
      return
    end
  end
  os.execute(table.concat(words, " ") .. " </dev/null >/dev/null 2>&1 &")
end

-- What /proc says of a process: its number, and its start time, which tells it from a later one of that number; nothing of one that has ended,
-- though nobody has asked yet how.
local function process(number)
  local file = io.open("/proc/" .. number .. "/stat", "rb")
  local text = file and file:read("*l")
  if not file then
    return
  end
  file:close()
  local fields = {}
  for field in (text or ""):gsub("^.*%) ", ""):gmatch("%S+") do
    fields[#fields + 1] = field
  end
  if fields[1] == "Z" or fields[1] == "X" then
    return
  end
  return (text or ""):match("^%d+"), fields[20]
end

-- slurm/stage watches for requests as long as the controller runs. A process costs a busy controller's locks much more than these reads.
local function ensure_watch()
  local file = io.open(STATE .. "/watcher", "rb")
  local pid, began, controller
  if file then
    pid, began, controller = (file:read("*l") or ""):match("^(%d+) (%d+) (%d+)$")
    file:close()
  end
  local self = process("self")
  if controller ~= self or select(2, process(pid)) ~= began then
    start("watch", self)
  end
end
