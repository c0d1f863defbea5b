// SPDX-License-Identifier: Apache-2.0
#include "election.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "debris.h"
#include "files.h"
#include "message.h"
#include "rundir.h"
#include "settings.h"

#define LOOK_MS 250
#define NAP_MS 5

static void nap(long milliseconds) {
	nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

double seconds_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// A crowd that makes directories to see all but one of them refused takes the processors away from that one.
bool yield_to_first(const struct context *context) {
	if (!context->settings.shared || is_first_here(context)) {
		return false;
	}
	for (int i = 0; i < 10 && !exists(context->run, context->name); i++) {
		nap(NAP_MS);
	}
	return exists(context->run, context->name);
}

static bool fill(const struct context *context, struct lead *lead) {
	char *leader = format("%d %llu\n", (int)context->pid, context->ticks);
	int at = lead->at;
	if (mkdirat(at, "ranks", 0700) != 0 || mkdirat(at, "before", 0700) != 0 || !write_text(at, "leader", leader) || !write_text(at, "monitor.log", "") ||
	    !write_text(at, format("ranks/%d", (int)context->pid), "") || (context->long_name != NULL && !write_text(at, "name", context->long_name)) ||
	    mkfifoat(at, "gate", 0600) != 0) {
		return false;
	}
	lead->gate = openat(at, "gate", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return lead->gate >= 0;
}

// Nobody ever sees the directory without a leader.
bool take_lead(const struct context *context, struct lead *lead) {
	char *fresh = format("new-%d.%llu", (int)context->pid, context->ticks);
	*lead = (struct lead){-1, -1};
	remove_tree(context->run, fresh);
	if (mkdirat(context->run, fresh, 0700) == 0) {
		lead->at = open_own_directory(context->run, fresh);
	}
	if (lead->at < 0 || !fill(context, lead)) {
		int error = errno;
		remove_tree(context->run, fresh);
		errno = error;
		fail(place_hint(FREE_SPACE), "cannot make a container's directory in %s: %s", context->settings.run, reason());
	}
	if (renameat(context->run, fresh, context->run, context->name) == 0) {
		return true;
	}
	int error = errno;
	close(lead->at);
	close(lead->gate);
	remove_tree(context->run, fresh);
	if (error != ENOTEMPTY && error != EEXIST) {
		errno = error;
		fail(place_hint(FREE_SPACE), "cannot make %s: %s", context->directory, reason());
	}
	return false;
}

// Whether this rank hears of a failure for the first time: one that has a number, of a launcher, hears of each
// just once.
static bool is_told(const struct context *context, int at) {
	const char *rank = local_rank(context);
	return rank != NULL && write_file(at, format("told-%s", rank), "", 0, true);
}

// Waits for the leader's pipe to end; without one, for a moment.
static void rest(int *gate, int at) {
	if (*gate < 0) {
		int opened = openat(at, "gate", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (opened < 0) {
			nap(NAP_MS);
			return;
		}
		// What changed before it was open is looked for once more.
		*gate = opened;
		return;
	}
	struct pollfd look = {.fd = *gate, .events = POLLIN};
	if (poll(&look, 1, LOOK_MS) > 0) {
		// The leader has closed it and may not be gone yet.
		nap(NAP_MS);
	}
}

// One look. Returns whether to go on waiting.
static bool look(const struct context *context, int at, bool first) {
	struct process leader;
	struct container container;
	char *text = read_own(at, "leader", NULL);
	if (!parse_process(text, &leader)) {
		return false;
	}
	if (exists(at, "failed")) {
		// It is said already, unless an earlier command of the same shell or rank left it.
		if (is_told(context, at) || !first) {
			_exit(launch_status());
		}
		bury(context, context->name, leader);
		return false;
	}
	enum state state = find_container(context, &container);
	if (container.at >= 0) {
		close(container.at);
	}
	if (state == READY || state == ABSENT) {
		return false;
	}
	if (state == ENDED || !is_running(leader)) {
		// Unless it has failed, and said so, since this looked.
		if (exists(at, "failed") || (state == LEADING && exists(at, "ready"))) {
			return true;
		}
		bury(context, context->name, leader);
		return false;
	}
	return true;
}

void follow(const struct context *context, bool first, double *start) {
	int gate = -1, at = open_own_directory(context->run, context->name);
	double limit = (double)context->settings.patience_s + (double)context->settings.tasks / 10;
	if (at < 0) {
		return;
	}
	while (seconds_now() - *start <= limit && look(context, at, first)) {
		if (exists(at, "staging")) {
			*start = seconds_now();
		}
		rest(&gate, at);
		first = false;
	}
	close(at);
	if (gate >= 0) {
		close(gate);
	}
}

bool is_late_said(const struct context *context, long long began) {
	int at = open_own_directory(context->run, context->name);
	if (at < 0) {
		return false;
	}
	char *now = format("%lld\n", (long long)time(NULL));
	if (write_file(at, "late", now, strlen(now), true)) {
		return false;
	}
	// What was said before this rank began, an earlier command of the same shell heard.
	char *when = read_own(at, "late", NULL);
	return when != NULL && (*when == '\0' || strtoll(when, NULL, 10) >= began);
}
