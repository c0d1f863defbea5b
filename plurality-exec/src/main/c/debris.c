// SPDX-License-Identifier: Apache-2.0
#include "debris.h"

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
	struct walk walk = walk_in(at, "ranks");
	bool live = false;
	while (!live && next_name(&walk)) {
		unsigned long long pid;
		struct stat status;
		live = parse_number(walk.name, PID_MOST, &pid) && (pid_t)pid != getpid() && stat(format("/proc/%llu", pid), &status) == 0 && status.st_uid == geteuid() &&
		       has_executable((pid_t)pid);
	}
	end_walk(&walk);
	return live;
}

bool has_maker(const char *name) {
	char *identity = copy_of(name + strlen("new-")), *point = strchr(identity, '.');
	struct process maker;
	if (point != NULL) {
		*point = ' ';
	}
	return parse_process(identity, &maker) && is_running(maker);
}

// Whether a name still leads to the directory that is open in `at`.
static bool is_still(const struct context *context, const char *name, int at) {
	struct stat seen, named;
	return fstat(at, &seen) == 0 && fstatat(context->run, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && seen.st_ino == named.st_ino && seen.st_dev == named.st_dev;
}

// Moves the very directory that is open in `at`. Between the look and the rename the name may have become that of
// another, which gets it back.
static void move_into(const struct context *context, const char *name, int at, const char *grave) {
	const char *inside = format("%s/node", grave);
	if (is_still(context, name, at) && renameat(context->run, name, context->run, inside) == 0 && !is_still(context, inside, at)) {
		renameat(context->run, inside, context->run, name);
	}
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

void bury(const struct context *context, const char *name, struct process leader) {
	char *grave = format("grave-%d.%llu", (int)leader.pid, leader.ticks);
	struct process now;
	if (mkdirat(context->run, grave, 0700) != 0) {
		return;
	}
	int at = open_own_directory(context->run, name);
	if (at >= 0 && parse_process(read_own(at, "leader", NULL), &now) && now.pid == leader.pid && now.ticks == leader.ticks) {
		move_into(context, name, at, grave);
	}
	if (at >= 0) {
		close(at);
	}
	end_container(context, grave);
}

void bury_debris(const struct context *context, const char *name) {
	char *grave = format("grave-debris-%d-%llu", (int)context->pid, context->ticks);
	int at = open_own_directory(context->run, name);
	if (at < 0) {
		// What is no directory of one's own is nobody's container.
		if (errno != ENOENT) {
			remove_tree(context->run, name);
		}
		return;
	}
	if (!exists(at, "leader") && mkdirat(context->run, grave, 0700) == 0) {
		move_into(context, name, at, grave);
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
	struct walk walk = walk_in(at, ".");
	bool told = false;
	while (!told && next_name(&walk)) {
		told = starts_with(walk.name, "told-");
	}
	end_walk(&walk);
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

void sweep(const struct context *context) {
	struct list names = {0};
	for (struct walk walk = walk_in(context->run, "."); next_name(&walk);) {
		add(&names, copy_of(walk.name));
	}
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		if (starts_with(name, "new-") && !has_maker(name)) {
			remove_tree(context->run, name);
		} else if (starts_with(name, "grave-")) {
			end_container(context, name);
		} else if (starts_with(name, "node-") && strcmp(name, context->name) != 0) {
			sweep_container(context, name);
		}
	}
}
