#!/usr/bin/env bats
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
