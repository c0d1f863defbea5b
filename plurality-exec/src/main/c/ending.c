// SPDX-License-Identifier: Apache-2.0
#include "ending.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "process.h"

void add_traces(struct traces *traces, int at, const char *path) {
	static const struct {
		const char *file;
		int descriptor;
	} FILES[] = {{"runc.out", 1}, {"error", 2}, {"monitor.log", 2}, {"mounts.log", 2}};
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		struct stat status;
		if (fstatat(at, FILES[i].file, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
			continue;
		}
		if (traces->count == traces->room) {
			struct trace *old = traces->items;
			traces->room = traces->room * 2 + 16;
			traces->items = allocate(traces->room * sizeof *traces->items);
			if (old != NULL) {
				memcpy(traces->items, old, traces->count * sizeof *old);
			}
		}
		traces->items[traces->count++] = (struct trace){status.st_dev, status.st_ino, FILES[i].descriptor};
	}
	if (exists(at, "mounts")) {
		add(&traces->mounted, path);
	}
}

// Returns the process's number, or 0 for what is none or another user's.
static pid_t own_process(int processes, const char *name) {
	struct stat status;
	unsigned long long pid = 0;
	if (!parse_number(name, PID_MOST, &pid) || fstatat(processes, name, &status, 0) != 0 || status.st_uid != geteuid()) {
		return 0;
	}
	return (pid_t)pid;
}

static bool leaves(const struct traces *traces, int processes, pid_t pid, int descriptor) {
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "%d/fd/%d", (int)pid, descriptor);
	if (fstatat(processes, path, &status, 0) != 0) {
		return false;
	}
	for (size_t i = 0; i < traces->count; i++) {
		const struct trace *trace = &traces->items[i];
		if (trace->inode == status.st_ino && trace->device == status.st_dev && trace->descriptor == descriptor) {
			return true;
		}
	}
	return false;
}

// A mounter that was killed before it handed its mount on leaves the file server in a namespace of its own,
// which nothing else ends.
static bool serves(const struct traces *traces, int processes, pid_t pid) {
	char name[64];
	snprintf(name, sizeof name, "%d/comm", (int)pid);
	const char *comm = traces->mounted.count == 0 ? NULL : read_host(processes, name, NULL);
	if (comm == NULL || !starts_with(comm, "squashfuse")) {
		return false;
	}
	snprintf(name, sizeof name, "%d/mountinfo", (int)pid);
	const char *mounts = read_host(processes, name, NULL);
	for (size_t i = 0; mounts != NULL && i < traces->mounted.count; i++) {
		if (strstr(mounts, format(" %s/image ", traces->mounted.items[i])) != NULL) {
			return true;
		}
	}
	return false;
}

bool end_processes(const struct traces *traces) {
	bool found = false;
	for (struct walk walk = walk_in(AT_FDCWD, "/proc"); next_name(&walk);) {
		pid_t pid = own_process(walk.at, walk.name);
		if (pid > 0 && pid != getpid() && (leaves(traces, walk.at, pid, 1) || leaves(traces, walk.at, pid, 2) || serves(traces, walk.at, pid))) {
			found |= kill(pid, SIGKILL) == 0;
		}
	}
	return found;
}
