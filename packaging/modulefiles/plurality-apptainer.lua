-- SPDX-License-Identifier: Apache-2.0
-- For Lmod: puts the commands apptainer and singularity of Plurality on PATH. A build installs this file as
-- share/modulefiles/plurality-apptainer/VERSION.lua of its tree.
local root = myFileName():match("^(.*)/share/modulefiles/plurality%-apptainer/[^/]*$") or "/opt/plurality"
help([[Workflows that are written for Apptainer or Singularity: apptainer pull, exec, run, shell]])
whatis("Name: Plurality's command line of Apptainer")
whatis("Version: " .. myModuleVersion())
whatis("Category: containers")
prepend_path("PATH", pathJoin(root, "share/compat/bin"))
