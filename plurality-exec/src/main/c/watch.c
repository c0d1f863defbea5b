// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "process.h"

// A rank that has registered may take its time on the way in where a node has much else to do; but its number
// may by now be another process's.
#define JOINING_S 120

static void nap(long milliseconds) {
	nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

static bool is_in_namespace(pid_t pid, const char *other) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
	return is_same(AT_FDCWD, path, AT_FDCWD, other);
}

static bool is_inside(const struct watch *watch, pid_t pid) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)watch->paused.pid);
	return is_in_namespace(pid, path);
}

// Outside, in the namespace that it began in. Its file's age says since when.
static bool is_coming(int ranks, const char *name, pid_t pid) {
	struct stat status;
	return is_in_namespace(pid, "/proc/self/ns/user") && fstatat(ranks, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - status.st_mtime < JOINING_S;
}

// Whether any registered rank lives. The files of those that have ended go.
static bool ranks_remain(const struct watch *watch) {
	struct walk walk = walk_in(watch->at, "ranks");
	bool live = false;
	while (!live && next_name(&walk)) {
		unsigned long long pid;
		if (!parse_number(walk.name, PID_MOST, &pid)) {
			continue;
		}
		live = is_inside(watch, (pid_t)pid) || is_coming(walk.at, walk.name, (pid_t)pid);
		if (!live) {
			unlinkat(walk.at, walk.name, 0);
		}
	}
	end_walk(&walk);
	return live;
}

// Whether any process is left inside: what ranks started and did not wait for.
static bool children_remain(const struct watch *watch) {
	const struct paused *paused = &watch->paused;
	struct walk walk = walk_in(AT_FDCWD, "/proc");
	bool live = false;
	while (!live && next_name(&walk)) {
		unsigned long long pid;
		live = parse_number(walk.name, PID_MOST, &pid) && (pid_t)pid != paused->pid && (pid_t)pid != paused->parent && (pid_t)pid != paused->child &&
		       is_inside(watch, (pid_t)pid);
	}
	end_walk(&walk);
	return live;
}

// Whether the directory has something that is mounted in the container, and would vanish there with it.
static bool has_mounted(const struct watch *watch) {
	static const char *const OTHERS[] = {"ranks", "runc", "image", "root", "writable", "before", "facts.d"};
	struct walk walk = walk_in(watch->at, ".");
	bool found = false;
	while (!found && next_name(&walk)) {
		struct stat status;
		found = fstatat(watch->at, walk.name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
		for (size_t i = 0; found && i < sizeof OTHERS / sizeof *OTHERS; i++) {
			found = strcmp(walk.name, OTHERS[i]) != 0;
		}
	}
	end_walk(&walk);
	return found;
}

// Waits for a process that is no child. Kernels before Linux 5.3 cannot; then the lease goes with a later launch.
static void wait_for_end(pid_t pid) {
	int process = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd look = {.fd = process, .events = POLLIN};
	while (process >= 0 && poll(&look, 1, -1) < 0 && errno == EINTR) {
	}
}

// A container that nobody else joins lives by its rank alone, once that is inside.
static void leave_alone(const struct watch *watch) {
	struct walk walk = walk_in(watch->at, "ranks");
	unsigned long long pid = 0;
	while (pid == 0 && next_name(&walk)) {
		parse_number(walk.name, PID_MOST, &pid);
	}
	end_walk(&walk);
	while (pid != 0 && !is_inside(watch, (pid_t)pid) && has_executable((pid_t)pid)) {
		nap(10);
	}
	remove_tree(watch->run, watch->name);
	close(watch->paused.life);
	if (watch->lease != NULL) {
		wait_for_end((pid_t)pid);
	}
}

static void watch_shared(struct watch *watch) {
	bool ending = false;
	for (long pause = 250;; pause = 1000) {
		nap(pause);
		if (ranks_remain(watch) || children_remain(watch)) {
			continue;
		}
		// New ranks must not find it any more; those that registered just before are still looked after.
		if (ending) {
			remove_tree(watch->run, watch->name);
			return;
		}
		char *name = format("%s.ending-%d", watch->name, (int)getpid());
		struct stat own, named;
		// When that fails, it was removed; what has that name now is another's.
		if (fstat(watch->at, &own) != 0 || fstatat(watch->run, watch->name, &named, AT_SYMLINK_NOFOLLOW) != 0 || own.st_ino != named.st_ino ||
		    own.st_dev != named.st_dev || renameat(watch->run, watch->name, watch->run, name) != 0) {
			return;
		}
		watch->name = name;
		ending = true;
	}
}

void watch_ranks(struct watch *watch) {
	if (watch->alone && !has_mounted(watch)) {
		leave_alone(watch);
	} else {
		watch_shared(watch);
	}
	if (watch->lease != NULL) {
		unlink(watch->lease);
	}
}
