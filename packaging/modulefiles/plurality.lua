-- SPDX-License-Identifier: Apache-2.0
-- For Lmod. A build installs this file as share/modulefiles/plurality/VERSION.lua of its tree:
--   module use TREE/share/modulefiles
--   module load plurality
-- The file finds the tree from its own place. If you copy it elsewhere, set `root` to the tree.
local root = myFileName():match("^(.*)/share/modulefiles/plurality/[^/]*$") or "/opt/plurality"
help([[Containers for batch jobs: plurality-stagein pull IMAGE, then srun plurality-exec IMAGE COMMAND]])
whatis("Name: Plurality")
whatis("Version: " .. myModuleVersion())
whatis("Category: containers")
prepend_path("PATH", pathJoin(root, "bin"))
prepend_path("MANPATH", pathJoin(root, "share/man"))
-- A site with its own caches names them here, or in /etc/plurality/plurality.toml:
-- setenv("PLURALITY_SITE_CACHES", "/shared/plurality")
