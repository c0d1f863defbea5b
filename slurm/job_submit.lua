--[[
Job scripts that say

  #PLURALITY image=REF [image=REF2 ...] [cache=DIR] [format=...]

get the burst buffer that stages these images in, as if they said #BB_LUA plurality; but for those that `plurality submit` has staged in
already. A site that has a job_submit.lua of its own calls
plurality_job_submit(job_desc) from it. burst_buffer.lua checks the words.
]]

local DIRECTIVE = "#PLURALITY"

-- The lines that Slurm looks at for directives: comments before the first of another kind.
local function directives(script)
  local found = {}
  for line in script:gmatch("[^\n]+") do
    if line:sub(1, 1) ~= "#" then
      break
    end
    local words = line:match("^" .. DIRECTIVE .. "[ \t]+(.*)$")
    if words then
      found[#found + 1] = words
    end
  end
  return found
end

function plurality_job_submit(job_desc)
  local script = job_desc.script
  if not script then
    return slurm.SUCCESS
  end
  local found = directives(script)
  local pinned = job_desc.environment and job_desc.environment["PLURALITY_PINNED"]
  if #found == 0 or (pinned and pinned ~= "") then
    return slurm.SUCCESS
  end
  local lines = {}
  for _, words in ipairs(found) do
    if not words:match("^[%w%._:/@+= \t-]+$") then
      slurm.log_user("plurality: cannot use '%s': a directive is made of image=REF, cache=DIR and format=FORMAT", (words:gsub("[^\32-\126]", "?")))
      return slurm.ERROR
    end
    lines[#lines + 1] = "#BB_LUA plurality " .. words
  end
  local other = job_desc.burst_buffer
  if other and other ~= "" then
    table.insert(lines, 1, other)
  end
  job_desc.burst_buffer = table.concat(lines, "\n")
  return slurm.SUCCESS
end

function slurm_job_submit(job_desc)
  return plurality_job_submit(job_desc)
end

function slurm_job_modify()
  return slurm.SUCCESS
end
