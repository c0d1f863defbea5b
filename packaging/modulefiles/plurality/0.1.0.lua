-- For Lmod, beside a tree that was unpacked elsewhere than /opt/plurality: copy it to MODULEPATH/plurality/ and set `root`.
local root = "/opt/plurality"
help([[Containers for batch jobs: plurality-stagein pull IMAGE, then srun plurality-exec IMAGE COMMAND]])
whatis("Name: Plurality")
whatis("Version: 0.1.0")
whatis("Category: containers")
prepend_path("PATH", pathJoin(root, "bin"))
prepend_path("MANPATH", pathJoin(root, "share/man"))
-- A site with its own caches names them here, or in /etc/plurality/plurality.toml:
-- setenv("PLURALITY_SITE_CACHES", "/shared/plurality")
