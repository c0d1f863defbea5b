// SPDX-License-Identifier: Apache-2.0
/*
 * What MPI tests run, one line a rank: "RANK of SIZE on NODE: sum S, ring R, neighbour N" and, from rank 0, "library: ...".
 *
 * sum is that of all ranks by MPI_Allreduce; ring is "ok" when 4 MiB went round all ranks unchanged; neighbour says whether this rank
 * could read another's memory on its node by process_vm_readv, as MPI's shared-memory transports do: "read", "alone", or the error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BYTES = 4 << 20 };

struct place {
  long pid;
  long address;
};

static const char *read_neighbour(MPI_Comm node) {
  static char secret[64], copy[64];
  int rank, size;
  MPI_Comm_rank(node, &rank);
  MPI_Comm_size(node, &size);
  snprintf(secret, sizeof secret, "memory of local rank %d", rank);
  if (size == 1) {
    return "alone";
  }
  /* As Open MPI does: Yama lets siblings read only those that allow it. */
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  struct place mine = {getpid(), (long)secret}, *all = calloc(size, sizeof *all);
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, node);
  int other = (rank + 1) % size;
  struct iovec local = {copy, sizeof copy}, remote = {(void *)all[other].address, sizeof copy};
  ssize_t got = process_vm_readv((pid_t)all[other].pid, &local, 1, &remote, 1, 0);
  int error = errno;
  MPI_Barrier(node);
  free(all);
  if (got < 0) {
    return strerror(error);
  }
  char expected[64];
  snprintf(expected, sizeof expected, "memory of local rank %d", other);
  return strcmp(copy, expected) == 0 ? "read" : "wrong";
}

static const char *ring(int rank, int size) {
  char *out = malloc(BYTES), *in = malloc(BYTES);
  int left = (rank + size - 1) % size, right = (rank + 1) % size;
  memset(out, 'a' + rank % 26, BYTES);
  MPI_Sendrecv(out, BYTES, MPI_CHAR, right, 1, in, BYTES, MPI_CHAR, left, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  int right_bytes = 1;
  for (int i = 0; i < BYTES; i++) {
    right_bytes &= in[i] == 'a' + left % 26;
  }
  free(out);
  free(in);
  return right_bytes ? "ok" : "broken";
}

int main(int argc, char **argv) {
  int rank, size, length, sum;
  char version[MPI_MAX_LIBRARY_VERSION_STRING], *end;
  const char *name = getenv("SLURMD_NODENAME");
  MPI_Comm node;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  const char *passed = ring(rank, size);
  /* All nodes of a test's cluster are one machine: the launcher's name for the node tells ranks apart. */
  unsigned hash = 0;
  for (const char *c = name ? name : ""; *c; c++) {
    hash = hash * 31 + (unsigned char)*c;
  }
  MPI_Comm_split(MPI_COMM_WORLD, (int)(hash & 0x7fffffff), rank, &node);
  const char *neighbour = read_neighbour(node);
  printf("%d of %d on %s: sum %d, ring %s, neighbour %s\n", rank, size, name ? name : "-", sum, passed, neighbour);
  if (rank == 0) {
    MPI_Get_library_version(version, &length);
    if ((end = strchr(version, '\n')) != NULL) {
      *end = 0;
    }
    printf("library: %s\n", version);
    /* Which files it is made of: a host's library lies elsewhere than the image's. */
    char line[4096];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
      char *path = strchr(line, '/');
      if (path != NULL && (strstr(path, "/libmpi") != NULL) && strstr(line, "r-xp") != NULL) {
        printf("loaded: %s", path);
      }
    }
  }
  fflush(stdout);
  MPI_Finalize();
  return 0;
}
