// SPDX-License-Identifier: Apache-2.0
/* A filesystem and a clock that are not what one wishes, for every program that ld.so starts: tests/faulty compiles this with the faults that are
 * asked for. On files of which the path contains BELOW:
 *   LOST_REPLY  a rename is done, then reported as failed with this errno: what NFS makes of a reply that was lost;
 *   NO_LOCKS    flock and fcntl's locks fail with this errno;
 *   NO_FLAGS    renameat2 with flags fails with EINVAL;
 *   LEASE_STEP  is the path of a file "STEP ERRNO": the next system call that is this step of taking a lease (docs/cache-format.md, "The
 *               contract") fails with that number, and the file is removed;
 * and for the process as a whole
 *   CLOCK_SHIFT its wall clock is so many seconds fast, or slow where its number is even: two neighbours are twice as far apart.
 * What was done is counted in LOG, a letter each. What Java calls through java.lang.foreign does not come here, because that looks in the C library
 * itself, and neither do Go's programs: neither renames or locks anything in a cache. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void count(char what) {
  int kept = errno;
  int log = syscall(SYS_openat, AT_FDCWD, LOG, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (log >= 0) {
    if (write(log, &what, 1) < 0) { /* then it is not counted */ }
    close(log);
  }
  errno = kept;
}

static int is_below(const char *path) { return strstr(path, BELOW) != NULL; }

static int fd_is_below(int fd) {
  char link[64] = "/proc/self/cwd", path[4096];
  if (fd != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

__attribute__((unused)) static int name_is_below(int directory, const char *name) {
  return is_below(name) || (name[0] != '/' && fd_is_below(directory));
}

#ifdef LEASE_STEP
static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Whether a path is a lease's, or that of a file which is about to be one. */
static int is_lease(const char *path) {
  size_t length = strlen(path);
  return strstr(path, "/leases/") != NULL && is_below(path)
    && ((length > 5 && strcmp(path + length - 5, ".json") == 0) || strncmp(name_of(path), ".new", 4) == 0);
}

static int fd_is_lease(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_lease(path);
}

/* True once, for the step that is wanted: errno is set then. */
static int fails(const char *step) {
  int kept = errno, number = 0;
  char text[64] = "", wanted[32] = "";
  int file = syscall(SYS_openat, AT_FDCWD, LEASE_STEP, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : syscall(SYS_read, file, text, sizeof text - 1);
  if (file >= 0) syscall(SYS_close, file);
  if (length > 0 && sscanf(text, "%31s %d", wanted, &number) == 2 && strcmp(step, wanted) == 0
      && syscall(SYS_unlinkat, AT_FDCWD, LEASE_STEP, 0) == 0) {
    count('s');
    errno = number;
    return 1;
  }
  errno = kept;
  return 0;
}

static int fails_at(const char *step, int directory, const char *name) {
  char link[64], path[8192];
  if (name[0] == '/' || directory == AT_FDCWD) return is_lease(name) && fails(step);
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t length = readlink(link, path, 4096);
  if (length < 0) return 0;
  snprintf(path + length, sizeof path - length, "/%s", name);
  return is_lease(path) && fails(step);
}

#define LOOK(result, name, parameters, directory, path, call) \
  result name parameters { return fails_at("look", directory, path) ? -1 : (result)call; }
LOOK(int, statx, (int d, const char *restrict p, int f, unsigned m, struct statx *restrict s), d, p, syscall(SYS_statx, d, p, f, m, s))
LOOK(int, stat, (const char *restrict p, struct stat *restrict s), AT_FDCWD, p, syscall(SYS_newfstatat, AT_FDCWD, p, s, 0))
LOOK(int, stat64, (const char *restrict p, struct stat64 *restrict s), AT_FDCWD, p, syscall(SYS_newfstatat, AT_FDCWD, p, s, 0))
LOOK(int, lstat, (const char *restrict p, struct stat *restrict s), AT_FDCWD, p, syscall(SYS_newfstatat, AT_FDCWD, p, s, AT_SYMLINK_NOFOLLOW))
LOOK(int, lstat64, (const char *restrict p, struct stat64 *restrict s), AT_FDCWD, p, syscall(SYS_newfstatat, AT_FDCWD, p, s, AT_SYMLINK_NOFOLLOW))
LOOK(int, fstatat, (int d, const char *restrict p, struct stat *restrict s, int f), d, p, syscall(SYS_newfstatat, d, p, s, f))
LOOK(int, fstatat64, (int d, const char *restrict p, struct stat64 *restrict s, int f), d, p, syscall(SYS_newfstatat, d, p, s, f))

static int opening(int directory, const char *path, int flags, mode_t mode) {
  if ((flags & O_CREAT) && fails_at("create", directory, path)) return -1;
  return syscall(SYS_openat, directory, path, flags, mode);
}

#define OPEN(name, parameters, last, directory, path) \
  int name parameters { \
    va_list arguments; \
    va_start(arguments, last); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments); \
    return opening(directory, path, flags, mode); \
  }
OPEN(open, (const char *p, int flags, ...), flags, AT_FDCWD, p)
OPEN(open64, (const char *p, int flags, ...), flags, AT_FDCWD, p)
OPEN(openat, (int d, const char *p, int flags, ...), flags, d, p)
OPEN(openat64, (int d, const char *p, int flags, ...), flags, d, p)

/* The directory of an image's leases is named by 64 digits. */
static int makes_directory(int directory, const char *path, mode_t mode) {
  if (strstr(path, "/leases/") != NULL && is_below(path) && fails("directory")) {
    int number = errno;
    /* Another process made it. */
    if (number == EEXIST) syscall(SYS_mkdirat, directory, path, 01777);
    errno = number;
    return -1;
  }
  return syscall(SYS_mkdirat, directory, path, mode);
}

int mkdir(const char *path, mode_t mode) { return makes_directory(AT_FDCWD, path, mode); }

int mkdirat(int directory, const char *path, mode_t mode) { return makes_directory(directory, path, mode); }

int chmod(const char *path, mode_t mode) {
  return fails_at("mode", AT_FDCWD, path) ? -1 : (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

int fchmod(int fd, mode_t mode) { return fd_is_lease(fd) && fails("mode") ? -1 : (int)syscall(SYS_fchmod, fd, mode); }

ssize_t write(int fd, const void *bytes, size_t length) {
  return fd_is_lease(fd) && fails("write") ? -1 : syscall(SYS_write, fd, bytes, length);
}

int close(int fd) {
  /* What was written may be lost; a file that was only read is closed anyway. */
  int flags = syscall(SYS_fcntl, fd, F_GETFL);
  int is = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fd_is_lease(fd), result = syscall(SYS_close, fd);
  return is && fails("close") ? -1 : result;
}
#endif

static int renamed(int result, int fromdir, const char *from, int todir, const char *to) {
#ifdef LOST_REPLY
  if (result == 0 && (name_is_below(fromdir, from) || name_is_below(todir, to))) {
    count('r');
    errno = LOST_REPLY;
    return -1;
  }
#endif
  return result;
}

int renameat2(int fromdir, const char *from, int todir, const char *to, unsigned flags) {
#ifdef LEASE_STEP
  if (fails_at("rename", todir, to)) return -1;
#endif
#ifdef NO_FLAGS
  if (flags && (name_is_below(fromdir, from) || name_is_below(todir, to))) {
    count('f');
    errno = EINVAL;
    return -1;
  }
#endif
  return renamed(syscall(SYS_renameat2, fromdir, from, todir, to, flags), fromdir, from, todir, to);
}

int renameat(int fromdir, const char *from, int todir, const char *to) { return renameat2(fromdir, from, todir, to, 0); }

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

#ifdef NO_LOCKS
int flock(int fd, int operation) {
  if (fd_is_below(fd)) {
    count('l');
    errno = NO_LOCKS;
    return -1;
  }
  return syscall(SYS_flock, fd, operation);
}

static int locking(int fd, int command, void *argument) {
  switch (command) {
    case F_SETLK: case F_SETLKW: case F_OFD_SETLK: case F_OFD_SETLKW: case F_SETLEASE:
      if (fd_is_below(fd)) {
        count('l');
        errno = NO_LOCKS;
        return -1;
      }
  }
  return syscall(SYS_fcntl, fd, command, argument);
}

int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return locking(fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return locking(fd, command, argument);
}
#endif

#ifdef CLOCK_SHIFT
static long shift;

/* A forked child keeps its parent's clock; a program that it becomes may have another. */
__attribute__((constructor)) static void choose(void) {
  shift = getpid() % 2 ? CLOCK_SHIFT : -CLOCK_SHIFT;
  count('c');
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = syscall(SYS_gettimeofday, now, zone);
  if (result == 0) now->tv_sec += shift;
  return result;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
#endif
