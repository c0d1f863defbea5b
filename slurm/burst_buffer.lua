-- SPDX-License-Identifier: Apache-2.0
--[[
Stages the images of a job in while it is pending, and holds them until it ends. For a job script with

  #BB_LUA plurality image=REF [image=REF2 ...] [cache=DIR] [format=auto|dir|squashfs]

This file checks the directive and hands over; slurm/stage does the work, outside of the controller's locks and as the user who
submitted. No word of a job script is ever part of a command line here: what was checked goes to a file, and the commands below are
made of numbers and of the two paths that follow. slurm/install writes those in, and the release of Slurm.

Slurm 22.05 (Lua 5.1) passes fewer arguments than later ones; what it does not pass is not needed.
]]

local PREFIX = "@PREFIX@"
local STATE = "@STATE@"
local SLURM = "@SLURM@"

local DIRECTIVE = "#BB_LUA"
local NO_VALUE = 4294967294
-- @include directive.lua

-- One directive's words, added to request; returns what is wrong with them, or nothing.
local function read_directive(words, request)
  if not words:match("^%s+plurality%s") and not words:match("^%s+plurality$") then
    return "cannot use " .. shown(DIRECTIVE .. words) .. ": the only burst buffer here is 'plurality': #BB_LUA plurality image=REF"
  end
  return read_words((words:gsub("^%s+plurality", "")), request)
end

-- Where the script of a job is. Slurm 24.11 and later name the directory of an array's task, which has none: the array's has it.
local function script_of(job_script, job_info)
  local array = type(job_info) == "table" and tonumber(job_info.array_job_id)
  local saved = job_script:match("^(.*)/hash%.%d/job%.%d+/[^/]*$")
  if not array or array <= 0 or array >= NO_VALUE or not saved then
    return job_script
  end
  return string.format("%s/hash.%d/job.%d/%s", saved, array % 10, array, job_script:match("[^/]*$"))
end

-- The directives of a job script.
local function read_script(job_script)
  local file, why = io.open(job_script, "rb")
  if not file then
    return nil, "cannot read the job script: " .. shown(why)
  end
  local script = file:read("*a") or ""
  file:close()
  local request = { images = {} }
  local wrong = each_directive(script, DIRECTIVE, function(line)
    return read_directive(line:sub(#DIRECTIVE + 1), request)
  end)
  wrong = wrong or lacks(request, "#BB_LUA plurality image=REF")
  if wrong then
    return nil, wrong
  end
  return request
end

-- Runs slurm/stage; its last line is "ok TEXT" or "failed TEXT".
local function stage(action, ...)
  -- In a session of its own: Slurm ends all scripts of a job that is cancelled, that which lets go, too. And Linux may weigh sessions, not
  -- processes: in the controller's it would have its share of that.
  local words = { "setsid --wait", PREFIX .. "/share/slurm/stage", action, STATE }
  for _, word in ipairs({ ... }) do
    if not is_number(word) and not is_plain_path(word) then
      return slurm.ERROR, "cannot run slurm/stage: " .. shown(word) .. " is neither a number nor a plain path"
    end
    words[#words + 1] = word
  end
  local pipe = io.popen(table.concat(words, " ") .. " </dev/null", "r")
  if not pipe then
    return slurm.ERROR, "cannot run slurm/stage"
  end
  local said = pipe:read("*a") or ""
  pipe:close()
  local status, text = said:match("(%l+) ([^\n]*)\n?$")
  if status == "ok" then
    return slurm.SUCCESS, text
  end
  return slurm.ERROR, status == "failed" and text or "cannot run slurm/stage" .. ": it printed " .. shown(said)
end

-- Called at submit, under the controller's locks: checks, and notes what is wanted; slurm/stage finds that, and looks what the names stand
-- for. Where that cannot begin, the job's own staging looks. The job's number is in the name of its directory; whose it is, Slurm 22.05
-- does not say here.
function slurm_bb_job_process(job_script, _, _, job_info)
  job_script = script_of(job_script, job_info)
  local request, wrong = read_script(job_script)
  if not request then
    return slurm.ERROR, wrong
  end
  local job_id = job_script:match("/job%.(%d+)/[^/]*$")
  -- Called again for each task of an array that becomes a job of its own: what was seen at submit counts.
  local seen = job_id and io.open(STATE .. "/digests/" .. job_id, "rb")
  if seen then
    seen:close()
  elseif job_id and not write_request(STATE .. "/submitted-" .. job_id, request) then
    ensure_watch()
  end
  return slurm.SUCCESS
end

-- Called every half minute, under the controller's locks: no pools, but a moment to see that slurm/stage watches.
function slurm_bb_pools()
  ensure_watch()
  return slurm.SUCCESS
end

-- The first that is called for a pending job: notes whose it is and what it wants. After an error Slurm holds the job; without a request
-- slurm/stage makes that a hold that its user can release.
function slurm_bb_setup(job_id, uid, gid, _, _, job_script, job_info)
  if not is_number(job_id) or not is_number(uid) or not is_number(gid) then
    return slurm.ERROR, "cannot stage in: the job's ids are no numbers"
  end
  local request, wrong = read_script(script_of(job_script, job_info))
  wrong = wrong or write_request(STATE .. "/request-" .. job_id, request)
  local status, said = stage("setup", job_id, uid, gid)
  return wrong and slurm.ERROR or status, wrong or said
end

-- While the job is pending. An error holds it, with its words as the reason.
function slurm_bb_data_in(job_id, job_script)
  return stage("data-in", job_id, (job_script:gsub("/[^/]*$", "")))
end

function slurm_bb_test_data_in()
  return slurm.SUCCESS
end

function slurm_bb_real_size()
  return slurm.SUCCESS
end

-- Called under the controller's locks: what stage wrote for the job's environment is copied.
function slurm_bb_paths(job_id, _, path_file)
  if not is_number(job_id) then
    return slurm.ERROR, "cannot find the image: the job's id is no number"
  end
  local from, why = io.open(STATE .. "/jobs/" .. job_id .. "/environment", "rb")
  if not from then
    return slurm.ERROR, "cannot find what was staged: " .. tostring(why)
  end
  local text = from:read("*a")
  from:close()
  local to, reason = io.open(path_file, "wb")
  if not to then
    return slurm.ERROR, "cannot write " .. path_file .. ": " .. tostring(reason)
  end
  to:write(text)
  to:close()
  return slurm.SUCCESS
end

function slurm_bb_pre_run()
  return slurm.SUCCESS
end

function slurm_bb_post_run()
  return slurm.SUCCESS
end

function slurm_bb_data_out()
  return slurm.SUCCESS
end

function slurm_bb_test_data_out()
  return slurm.SUCCESS
end

-- The job has ended, was cancelled, or goes back into the queue.
function slurm_bb_job_teardown(job_id, job_script)
  return stage("teardown", job_id, (job_script:gsub("/[^/]*$", "")))
end

-- scontrol show bbstat [JOBID...]. Since Slurm 23.02 the caller's uid and gid come first; others' jobs are not shown then.
function slurm_bb_get_status(...)
  local words = { PREFIX .. "/share/slurm/stage", "status", STATE }
  local arguments = { ... }
  local first = 1
  if slurm.SLURM_BB_BUSY or SLURM >= "23" then
    words[#words + 1] = "--for " .. (is_number(arguments[1]) and arguments[1] or "4294967295")
    first = 3
  end
  for i = first, #arguments do
    if not is_number(arguments[i]) then
      return slurm.SUCCESS, "cannot show " .. shown(arguments[i]) .. ": scontrol show bbstat takes numbers of jobs\n"
    end
    words[#words + 1] = arguments[i]
  end
  local pipe = io.popen(table.concat(words, " ") .. " </dev/null", "r")
  if not pipe then
    return slurm.ERROR
  end
  local said = pipe:read("*a") or ""
  pipe:close()
  return slurm.SUCCESS, said
end
