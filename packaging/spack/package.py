# Spack recipe for a tree that is built from source.
#   spack repo create site; copy this to site/packages/plurality/package.py; spack repo add site; spack install plurality
# What was tried: the phases' commands, by hand, on Debian 12 (see README.md beside). Spack itself was not at hand.
from spack.package import *


class Plurality(Package):
    """Containers for batch jobs on Slurm and PBS clusters, with rootless runc."""

    git = "file:///path/to/plurality.git"

    version("main", branch="main")
    version("0.1.0", tag="v0.1.0")

    depends_on("openjdk@25:", type="build")
    depends_on("maven@3.8:", type="build")
    depends_on("binutils", type="build")  # jlink strips its libraries with objcopy
    depends_on("squashfs", type="run")
    depends_on("squashfuse", type="run")

    def install(self, spec, prefix):
        mvn = which("mvn", required=True)
        mvn("-B", "package", "-DskipTests")
        install_tree("target/plurality", prefix)
        # The caches of the JVM hold for the tree as it lies.
        Executable(join_path(prefix, "libexec", "make-caches"))()
