-- SPDX-License-Identifier: Apache-2.0
--[[
Job scripts that say

  #PLURALITY image=REF [image=REF2 ...] [cache=DIR] [format=...]

have these images staged in while they wait, but for those that `plurality submit` has staged in already. Where the cluster has our burst
buffer, they get it, as if they said #BB_LUA plurality. Elsewhere the job is held, and marked in its AdminComment; slurm/stage, outside of
the controller's locks and as the user who submitted, stages in and lets it go. A site that has a job_submit.lua of its own calls
plurality_job_submit(job_desc) and plurality_job_modify(job_desc, job_rec) from it, after it has set AdminComment itself.
]]

local PREFIX = "@PREFIX@"
local STATE = "@STATE@"
local BUFFER = "@BUFFER@" == "yes"

local DIRECTIVE = "#PLURALITY"
local NO_VALUE = 4294967294
-- @include directive.lua

local function is_set(value)
  return value and value ~= ""
end

-- By `plurality submit`. A job that it or we staged in hands its environment on to those that it submits, which need a look of their own:
-- what PLURALITY_PINNED says is this job's where `plurality submit` was called where sbatch is, in that job or in none.
-- With --export=NONE only variables of Slurm's names get here.
local function is_staged(environment)
  local from = is_set(environment["SLURM_JOB_ID"]) and environment["SLURM_JOB_ID"] or "none"
  if (environment["SLURM_PLURALITY_PINNED"] or ""):sub(1, 2) == "- " and environment["SLURM_PLURALITY_SUBMITTED_FROM"] == from then
    return true
  end
  return is_set(environment["PLURALITY_PINNED"]) and environment["PLURALITY_SUBMITTED_FROM"] == from
    and not is_set(environment["PLURALITY_REQUEST"])
end

local function rejected(why)
  slurm.log_user("plurality: %s", why)
  return slurm.ERROR
end

-- So many hex digits that nobody guesses.
local function random_tag()
  local file = io.open("/dev/urandom", "rb")
  local bytes = file and file:read(8)
  if file then
    file:close()
  end
  return bytes and (bytes:gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end))
end

local function ask_for_buffer(job_desc, found)
  local lines = {}
  if job_desc.burst_buffer and job_desc.burst_buffer ~= "" then
    lines[1] = job_desc.burst_buffer
  end
  for _, words in ipairs(found) do
    lines[#lines + 1] = "#BB_LUA plurality " .. words
  end
  job_desc.burst_buffer = table.concat(lines, "\n")
  return slurm.SUCCESS
end

-- The job's number is not known yet: the mark leads to it.
local function hold(job_desc, request)
  request.user = string.format("%.0f", job_desc.user_id)
  if request.user == "0" then
    return rejected("cannot stage in for root: submit as an ordinary user")
  end
  request.tag = random_tag()
  if not request.tag then
    return rejected("cannot stage in: there is no /dev/urandom on this host")
  end
  if job_desc.priority == 0 then
    -- The user's own hold, for the user to take off.
    request.hold = "yes"
  end
  local wrong = write_request(STATE .. "/held-" .. request.tag, request)
  if wrong then
    return rejected(wrong)
  end
  -- What TaskProlog gives the job once it is there.
  job_desc.environment["PLURALITY_REQUEST"] = request.tag
  job_desc.environment["PLURALITY_PINNED"] = ""
  for number, image in ipairs(request.images) do
    job_desc.environment["PLURALITY_IMAGE_" .. number .. "_NAME"] = image
  end
  if request.cache then
    job_desc.environment["PLURALITY_CACHE"] = request.cache
  end
  local said = job_desc.admin_comment
  job_desc.admin_comment = (said and said ~= "" and said .. " " or "") .. "plurality=" .. request.tag
  job_desc.priority = 0
  ensure_watch()
  return slurm.SUCCESS
end

function plurality_job_submit(job_desc)
  local script = job_desc.script
  if not script then
    return slurm.SUCCESS
  end
  if is_staged(job_desc.environment or {}) then
    return slurm.SUCCESS
  end
  local found, request = {}, { images = {} }
  local wrong = each_directive(script, DIRECTIVE, function(line)
    local words = line:match("^" .. DIRECTIVE .. "[ \t]+(.*)$")
    if words then
      found[#found + 1] = words
      return read_words(words, request)
    end
  end)
  if not wrong and #found == 0 then
    return slurm.SUCCESS
  end
  wrong = wrong or lacks(request, "#PLURALITY image=REF")
  if wrong then
    return rejected(wrong)
  end
  if BUFFER then
    return ask_for_buffer(job_desc, found)
  end
  return hold(job_desc, request)
end

-- The first line of a file, or nothing.
local function line_of(path)
  local file = io.open(path, "rb")
  local line = file and file:read("*l")
  if file then
    file:close()
  end
  return line
end

-- Who lets a job go that waits for its image lets it go as soon as that is there; where the pull has failed it is tried anew.
function plurality_job_modify(job_desc, job_rec)
  local tag = (job_rec.admin_comment or ""):match("plurality=(%x+)")
  local priority = job_desc.priority
  if not tag or not priority or priority == NO_VALUE then
    return slurm.SUCCESS
  end
  local number = job_rec.array_job_id
  local job_id = string.format("%.0f", number and number ~= 0 and number or job_rec.job_id)
  local dir = STATE .. "/jobs/" .. job_id
  local state = line_of(dir .. "/state")
  if not state and line_of(STATE .. "/held-" .. tag) then
    return rejected("the job has just been submitted; try again in a moment")
  end
  if not state or state == "staged" then
    return slurm.SUCCESS
  end
  if priority == 0 then
    local file = io.open(dir .. "/hold", "wb")
    if file then
      file:close()
    end
    return slurm.SUCCESS
  end
  os.remove(dir .. "/hold")
  job_desc.priority = 0
  if os.rename(dir .. "/held", STATE .. "/held-" .. job_id) then
    ensure_watch()
  end
  return slurm.SUCCESS
end

function slurm_job_submit(job_desc)
  return plurality_job_submit(job_desc)
end

function slurm_job_modify(job_desc, job_rec)
  return plurality_job_modify(job_desc, job_rec)
end

-- When the controller starts: what was not done when it, or this host, ended.
if not BUFFER then
  ensure_watch()
end
