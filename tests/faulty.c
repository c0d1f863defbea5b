/* A filesystem and a clock that are not what one wishes, for every program that ld.so starts: tests/faulty compiles this with the faults that are
 * asked for. On files of which the path contains BELOW:
 *   LOST_REPLY  a rename is done, then reported as failed with this errno: what NFS makes of a reply that was lost;
 *   NO_LOCKS    flock and fcntl's locks fail with this errno;
 *   NO_FLAGS    renameat2 with flags fails with EINVAL;
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

static int name_is_below(int directory, const char *name) {
  return is_below(name) || (name[0] != '/' && fd_is_below(directory));
}

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
