-- SPDX-License-Identifier: Apache-2.0
--[[
slurm-calls.lua SCRIPT FUNCTION ARGUMENT...: calls a function of burst_buffer.lua as slurmctld does, with strings, or of job_submit.lua.
Prints its status, then what else it returned. An argument that is @info is the table that Slurm 23.02 and later give of the job; @task is that of an
array's task, number 5 of 3. With the function `submit`, ARGUMENT is a file: job_submit.lua gets it as a script; prints the milliseconds of CPU, too.
]]

-- Slurm's Lua has these, and logs a call of anything else as an error.
slurm = setmetatable({
  SUCCESS = 0,
  ERROR = -1,
  log_user = function(...)
    print("log_user " .. string.format(...))
  end,
}, {
  __index = function(_, name)
    if name ~= "SLURM_BB_BUSY" then
      error("slurm." .. name .. " is not there in every version")
    end
  end,
})

local arguments = { table.unpack(arg, 3) }
for i, argument in ipairs(arguments) do
  if argument == "@info" then
    arguments[i] = { job_id = 7, array_job_id = 0, user_id = 1001, partition = "batch" }
  elseif argument == "@task" then
    arguments[i] = { job_id = 5, array_job_id = 3, array_task_id = 2, user_id = 1001, partition = "batch" }
  end
end
dofile(arg[1])
if arg[2] == "submit" then
  local file = io.open(arg[3], "rb")
  local script = file:read("*a")
  file:close()
  local began = os.clock()
  print(plurality_job_submit({ script = script, environment = {}, user_id = 1001 }))
  print(math.floor((os.clock() - began) * 1000))
  os.exit(true)
end
local status, said = _G[arg[2]](table.unpack(arguments))
print(status)
if said then
  print(said)
end
