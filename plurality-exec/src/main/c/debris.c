// SPDX-License-Identifier: Apache-2.0
#include "debris.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ending.h"
#include "files.h"
#include "rundir.h"

void unmount_fused(const struct context *context, int at, const char *path) {
	if (exists(at, "fused")) {
		// With the setuid helper the mount is the host's, and outlives its server.
		char *const unmount[] = {"/usr/bin/fusermount3", "-u", "-z", "--", format("%s/image", path), NULL};
		first_line_of(context, unmount);
	}
}

bool ranks_live(int at) {
	int ranks = openat(at, "ranks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = ranks < 0 ? NULL : fdopendir(ranks);
	const struct dirent *entry;
	bool live = false;
	while (entries != NULL && !live && (entry = readdir(entries)) != NULL) {
		unsigned long long pid;
		struct stat status;
		live = parse_number(entry->d_name, 1 << 30, &pid) && (pid_t)pid != getpid() && stat(format("/proc/%llu", pid), &status) == 0 && status.st_uid == geteuid() &&
		       has_executable((pid_t)pid);
	}
	if (entries != NULL) {
		closedir(entries);
	}
	return live;
}

// Ends the container in a grave and removes it, once its ranks have ended: with an underlay the kernel removes
// what is mounted on it.
static void end_container(const struct context *context, const char *grave) {
	char *name = format("%s/node", grave);
	int at = open_own_directory(context->run, name);
	if (at >= 0) {
		const char *path = format("%s/%s", context->settings.run, name);
		struct traces traces = {0};
		bool live = ranks_live(at);
		add_traces(&traces, at, path);
		// Again, for what one of them was just starting.
		for (int i = 0; !live && i < 3 && end_processes(&traces); i++) {
		}
		if (!live) {
			unmount_fused(context, at, path);
		}
		close(at);
		if (live) {
			return;
		}
	}
	// What is still written into it leaves it to the next launch.
	remove_tree(context->run, grave);
}

// The name may stand for a next leader's directory by now, so it is looked at again.
void bury(const struct context *context, const char *name, struct process leader) {
	char *grave = format("grave-%d.%llu", (int)leader.pid, leader.ticks);
	struct process now;
	if (mkdirat(context->run, grave, 0700) != 0) {
		return;
	}
	int at = open_own_directory(context->run, name);
	if (at >= 0 && parse_process(read_own(at, "leader", NULL), &now) && now.pid == leader.pid && now.ticks == leader.ticks) {
		renameat(context->run, name, context->run, format("%s/node", grave));
	}
	if (at >= 0) {
		close(at);
	}
	end_container(context, grave);
}

void bury_debris(const struct context *context, const char *name) {
	char *grave = format("grave-debris-%d-%llu", (int)context->pid, context->ticks), *inside = format("%s/node", grave);
	int at = open_own_directory(context->run, name);
	if (at < 0) {
		// What is no directory of one's own is nobody's container.
		if (errno != ENOENT) {
			remove_tree(context->run, name);
		}
		return;
	}
	// The very directory that has no leader: by now the name may be that of another, which has.
	struct stat seen, named;
	if (!exists(at, "leader") && fstat(at, &seen) == 0 && fstatat(context->run, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && seen.st_ino == named.st_ino &&
	    mkdirat(context->run, grave, 0700) == 0) {
		renameat(context->run, name, context->run, inside);
		if (exists(context->run, format("%s/leader", inside))) {
			renameat(context->run, inside, context->run, name);
		}
		end_container(context, grave);
	}
	close(at);
}

// Whether a launch failed so lately that ranks of its step may still come, whom nobody else is to tell.
static bool is_news(const struct context *context, int at) {
	const char *failed = read_own(at, "failed", NULL), *uptime = read_host(AT_FDCWD, "/proc/uptime", NULL);
	if (failed == NULL || uptime == NULL || strtoull(uptime, NULL, 10) - strtoull(failed, NULL, 10) >= context->settings.patience_s) {
		return false;
	}
	int copy = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool told = false;
	while (entries != NULL && !told && (entry = readdir(entries)) != NULL) {
		told = starts_with(entry->d_name, "told-");
	}
	if (entries != NULL) {
		closedir(entries);
	}
	return told;
}

// Whether neither the leader nor the pause process of a container lives.
static bool is_abandoned(int at, struct process leader) {
	struct container container = {0};
	if (is_running(leader)) {
		return false;
	}
	char *ready = read_own(at, "ready", NULL);
	// What its monitor removes during this is not left by anybody.
	return ready == NULL ? exists(at, "leader") : parse_ready(ready, &container) && !is_running(container.pause);
}

static void sweep_container(const struct context *context, const char *name) {
	struct process leader;
	int at = open_own_directory(context->run, name);
	if (at < 0) {
		return;
	}
	bool whole = parse_process(read_own(at, "leader", NULL), &leader);
	bool left = whole && is_abandoned(at, leader) && !is_news(context, at);
	bool debris = !exists(at, "leader");
	close(at);
	if (left) {
		bury(context, name, leader);
	} else if (debris) {
		bury_debris(context, name);
	}
}

static void sweep_new(const struct context *context, const char *name) {
	char *identity = copy_of(name + strlen("new-"));
	char *point = strchr(identity, '.');
	struct process maker;
	if (point != NULL) {
		*point = ' ';
	}
	if (!parse_process(identity, &maker) || !is_running(maker)) {
		remove_tree(context->run, name);
	}
}

void sweep(const struct context *context) {
	struct list names = {0};
	int copy = openat(context->run, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	while (entries != NULL && (entry = readdir(entries)) != NULL) {
		add(&names, copy_of(entry->d_name));
	}
	if (entries != NULL) {
		closedir(entries);
	}
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		if (starts_with(name, "new-")) {
			sweep_new(context, name);
		} else if (starts_with(name, "grave-")) {
			end_container(context, name);
		} else if (starts_with(name, "node-") && strcmp(name, context->name) != 0) {
			sweep_container(context, name);
		}
	}
}
