#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real MPI programs in Debian images, under a real Slurm and under mpirun.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_cluster --nodes 2 --cpus 4
  export OPENMPI MPICH
  OPENMPI=$(stage mpi-openmpi)
  MPICH=$(stage mpi-mpich)
  make_wrapper
}

teardown_file() { teardown_place; }

# Both nodes are this machine. Open MPI tells nodes apart by the scheduler, but its shared memory has the same names on both: each node gets a
# /dev/shm of its own. UCX, below MPICH, takes both for one node; between their containers it may then use shared memory by name only.
make_wrapper() {
  install -d -m 1777 "$CLUSTER/shm" "$CLUSTER"/shm/n{1,2}
  cat >"$CLUSTER/rank" <<'SCRIPT'
#!/bin/bash
[[ $* == *mpich* ]] || exec plurality-exec -B "${BASH_SOURCE[0]%/*}/shm/$SLURMD_NODENAME:/dev/shm" "$@"
export UCX_TLS=self,posix UCX_POSIX_USE_PROC_LINK=n
exec plurality-exec "$@"
SCRIPT
  chmod 755 "$CLUSTER/rank"
}

# job COMMAND...: an sbatch job on two nodes with four ranks each, whose script is COMMAND; prints its output.
job() {
  local script=$CLUSTER/run/mpi.sbatch status=0
  printf '#!/bin/bash\n#SBATCH --nodes=2 --ntasks=8 --ntasks-per-node=4 --time=3\n%s\n' "$*" >"$script"
  rm -f "$CLUSTER/run/mpi.out"
  as_test_user sbatch --quiet --wait --output="$CLUSTER/run/mpi.out" "$script" || status=$?
  cat "$CLUSTER/run/mpi.out"
  return "$status"
}

# Eight ranks that know each other, pass data round, and could (read) or could not (another word) read their neighbours' memory.
eight_ranks() { # WORD
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -cE "^[0-7] of 8 on n[12]: sum 28, ring ok, neighbour $1\$" <<<"$output")" -eq 8 ]
  [ "$(grep -oE '^[0-7] of 8' <<<"$output" | sort -u | wc -l)" -eq 8 ]
}

@test "Slurm has PMI-2 and PMIx" {
  run as_test_user srun --mpi=list
  echo "$output"
  [[ $output == *pmi2* && $output == *pmix* ]]
}

@test "Open MPI, PMIx, 2 nodes x 4 ranks: ranks of a node read each other's memory" {
  run job "srun --mpi=pmix $CLUSTER/rank $OPENMPI ranks"
  eight_ranks read
  [[ $output == *'library: Open MPI'* ]]
  wait_for 10 clean
}

@test "MPICH, PMI-2, 2 nodes x 4 ranks: ranks of a node read each other's memory" {
  run job "srun --mpi=pmi2 $CLUSTER/rank $MPICH ranks"
  eight_ranks read
  [[ $output == *'library: MPICH'* ]]
  wait_for 10 clean
}

@test "with a container for each rank MPI works, memory cannot be read, and a note says so once a node" {
  run job "srun --mpi=pmix $CLUSTER/rank --share none $OPENMPI ranks"
  eight_ranks 'Operation not permitted'
  [ "$(grep -c 'cannot read each other.s memory' <<<"$output")" -eq 2 ]
  [[ $output == *'--share node'* ]]
  run job "srun --mpi=pmi2 $CLUSTER/rank --share none $MPICH ranks"
  eight_ranks 'Operation not permitted'
}

@test "contained ranks find PMIx's server and share memory" {
  run job "srun --mpi=pmix $CLUSTER/rank --contain --cleanenv $OPENMPI ranks"
  eight_ranks read
}

@test "UCX shares and reads memory within a node's container with its own choice of transports" {
  run job "srun --nodes=1 --ntasks=4 --mpi=pmi2 plurality-exec --share node $MPICH ranks"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c 'of 4 on n1: sum 6, ring ok, neighbour read' <<<"$output")" -eq 4 ]
}

@test "Open MPI's mpirun of the host starts ranks that share one container" {
  run as_test_user mpirun.openmpi --oversubscribe -n 4 "$TREE/bin/plurality-exec" "$OPENMPI" ranks
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c 'of 4 on -: sum 6, ring ok, neighbour read' <<<"$output")" -eq 4 ]
}

@test "Hydra of the host starts ranks that share one container" {
  run as_test_user mpirun.mpich -n 4 "$TREE/bin/plurality-exec" "$MPICH" ranks
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c 'of 4 on -: sum 6, ring ok, neighbour read' <<<"$output")" -eq 4 ]
}

# The node's libraries are links or binds in /.plurality/mpi, which the loader is told to look into first.
host_library() { # NAME
  grep -qE "^[[:blank:]]*$1 => /\.plurality/mpi/$1 " <<<"$output"
}

@test "--mpi host, Open MPI: programs of the image run with the node's library" {
  run job "srun --mpi=pmix $CLUSTER/rank --mpi host $OPENMPI sh -c '[ \$SLURM_PROCID != 0 ] || ldd /usr/local/bin/ranks; exec ranks'"
  eight_ranks read
  host_library libmpi.so.40
  run job "srun --mpi=pmix $CLUSTER/rank $OPENMPI sh -c '[ \$SLURM_PROCID != 0 ] || ldd /usr/local/bin/ranks; exec ranks'"
  eight_ranks read
  ! host_library libmpi.so.40
}

@test "--mpi host, MPICH: programs of the image run with the node's library" {
  run job "srun --mpi=pmi2 $CLUSTER/rank --mpi host $MPICH sh -c '[ \$SLURM_PROCID != 0 ] || ldd /usr/local/bin/ranks; exec ranks'"
  eight_ranks read
  host_library libmpich.so.12
}

# profile NAME TEXT: as a site would have it; sets PROFILES.
profile() {
  PROFILES=$CLUSTER/profiles
  mkdir -p "$PROFILES"
  printf '%s\n' "$2" >"$PROFILES/$1.toml"
}

# library DIRECTORY FILE SONAME [CC ARGUMENT...]
library() {
  local file=$1/$2
  mkdir -p "$1"
  gcc -shared -o "$file" -Wl,-soname,"$3" -xc - "${@:4}" <<<'const char *whose(void) { return WHOSE; }'
}

refused() { # IMAGE MESSAGE
  run -125 as_test_user PLURALITY_PROFILE_DIRS="$CLUSTER/profiles" plurality-exec --mpi host "$1" true
  echo "$output"
  [[ $output == *"cannot use the host's MPI: "*"$2"*'hint: '* ]]
}

@test "--mpi host is refused where the node's is of another family or major version, or is not there" {
  profile mpich "kind = \"mpi\"
sonames = [\"libmpich.so.12\"]
lacks = [\"libopen-pal.so\"]
directories = [\"$CLUSTER/wrong\"]"
  library "$CLUSTER/wrong" libmpich.so.12 libmpich.so.13 '-DWHOSE="wrong"'
  refused "$MPICH" 'libmpich.so.12 of this node says it is libmpich.so.13, not one of libmpich.so.12'
  library "$CLUSTER/wrong" libopen-pal.so.40 libopen-pal.so.40 '-DWHOSE="pal"'
  library "$CLUSTER/wrong" libmpich.so.12 libmpich.so.12 '-DWHOSE="wrong"' -xnone -Wl,--no-as-needed "$CLUSTER/wrong/libopen-pal.so.40"
  refused "$MPICH" "is of another family than the image's mpich"
  profile mpich 'kind = "mpi"
sonames = ["libmpich.so.12"]
needs = ["libnosuch.so"]'
  refused "$MPICH" 'the image has no MPI library that a profile knows: it has libmpi'
  rm -r "$CLUSTER/profiles"
  busybox=$(stage busybox)
  refused "$busybox" 'the image has no MPI library that a profile knows'
  run -125 as_test_user plurality-exec --mpi both "$MPICH" true
  [[ $output == *"cannot use the MPI 'both': it is neither image nor host"* ]]
}

@test "a site adds a family and a fabric of its own by profiles" {
  local layout=$CLUSTER/layout-own image=$PLURALITY_TEST_REGISTRY/own-mpi:1
  cp -r "$("$REPO/dev/image" debian)" "$layout"
  umoci unpack --image "$layout:latest" "$CLUSTER/bundle-own" >/dev/null 2>&1
  library "$CLUSTER/bundle-own/rootfs/usr/local/lib" libsitempi.so.7 libsitempi.so.7 "-DWHOSE=\"the image's\""
  gcc -o "$CLUSTER/bundle-own/rootfs/usr/local/bin/whose" -xc - -xnone "$CLUSTER/bundle-own/rootfs/usr/local/lib/libsitempi.so.7" \
    -Wl,-rpath-link,"$CLUSTER" <<<'#include <stdio.h>
extern const char *whose(void);
int main(void) { return puts(whose()) < 0; }'
  umoci repack --image "$layout:latest" "$CLUSTER/bundle-own" >/dev/null 2>&1
  umoci config --image "$layout:latest" --config.env LD_LIBRARY_PATH=/usr/local/lib
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$image"
  as_test_user plurality-stagein pull --quiet "$image" >/dev/null
  library "$CLUSTER/site" libsitempi.so.7.2 libsitempi.so.7 "-DWHOSE=\"the site's\""
  ln -sf libsitempi.so.7.2 "$CLUSTER/site/libsitempi.so.7"
  run -0 as_test_user plurality-exec "$image" whose
  [ "$output" = "the image's" ]
  refused "$image" 'the image has no MPI library that a profile knows'
  profile sitempi "kind = \"mpi\"
sonames = [\"libsitempi.so.7\"]
directories = [\"$CLUSTER/site\"]
environment = [\"SITE_MPI=yes\"]"
  for share in none node; do
    run -0 as_test_user PLURALITY_PROFILE_DIRS="$PROFILES" plurality-exec --share "$share" --mpi host "$image" sh -c 'whose; echo $SITE_MPI'
    [ "$output" = $'the site\'s\nyes' ]
  done
  fabric=$CLUSTER/fabric
  library "$fabric" libsitefabric.so.1 libsitefabric.so.1 '-DWHOSE="fabric"'
  echo 'its settings' >"$fabric/settings"
  echo 'its device' >"$fabric/device0"
  profile sitefabric "kind = \"fabric\"
libraries = [\"libsitefabric.so.*\", \"libnosuch.so.1\"]
directories = [\"$fabric\"]
files = [\"$fabric/settings\"]
devices = [\"$fabric/device*\", \"/dev/nosuch*\"]
environment = [\"SITE_FABRIC=up\"]"
  for share in none node; do
    run -0 as_test_user PLURALITY_PROFILE_DIRS="$PROFILES" plurality-exec --share "$share" --contain --mpi host "$image" \
      sh -c "whose; ls /.plurality/mpi | grep fabric; cat $fabric/settings $fabric/device0; echo \$SITE_FABRIC"
    [ "$output" = "the site's
libsitefabric.so.1
its settings
its device
up" ]
    # It belongs to the host's MPI alone.
    run -0 as_test_user PLURALITY_PROFILE_DIRS="$PROFILES" plurality-exec --share "$share" --contain "$image" \
      sh -c "whose; ls -d /.plurality/mpi $fabric 2>/dev/null; echo \${SITE_FABRIC-down}"
    [ "$output" = $'the image\'s\ndown' ]
  done
}
