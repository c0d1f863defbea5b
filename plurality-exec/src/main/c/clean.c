// SPDX-License-Identifier: Apache-2.0
#include "clean.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "debris.h"
#include "ending.h"
#include "files.h"
#include "process.h"

// The caller is an epilog, which must not keep its node from the next job. Work that the job's user made large
// goes on without it, for a time.
#define WAIT_MS 10000
#define WORK_S 600
#define LEASES_MOST 1000
// A user may have made any number of directories. What is found in a round stays in memory.
#define ROUND_MOST 2000
#define ROUNDS 100

static bool is_lease_of(const char *path, const char *job) {
	const char *name = strrchr(path, '/');
	const char *end = format("-%s.json", job);
	return *path == '/' && strstr(path, "/leases/") != NULL && starts_with(name + 1, "slurm-") && ends_with(name, end);
}

// The leases of a job that is over, where its launches have noted them.
static void release_leases(int run, const char *job) {
	const char *name = format("leases/s%s", job);
	int leases = open_own_directory(run, "leases");
	char *text = leases < 0 ? NULL : read_own(leases, format("s%s", job), NULL);
	struct list ended = {0};
	for (char *line = text == NULL ? NULL : strtok(text, "\n"); line != NULL && ended.count < LEASES_MOST; line = strtok(NULL, "\n")) {
		if (is_lease_of(line, job)) {
			add(&ended, line);
		}
	}
	unlinkat(run, name, 0);
	for (size_t i = 0; i < ended.count; i++) {
		unlink(ended.items[i]);
	}
}

// Whether what has this name is to go. Fills the container's directory, which may be one level down.
static bool is_over(int run, const char *name, const char *prefix, const char **container) {
	*container = name;
	if (starts_with(name, prefix)) {
		return true;
	}
	if (starts_with(name, "new-")) {
		return !has_maker(name);
	}
	if (!starts_with(name, "grave-")) {
		return false;
	}
	*container = format("%s/node", name);
	int at = open_own_directory(run, *container);
	bool live = at >= 0 && ranks_live(at);
	if (at >= 0) {
		close(at);
	}
	return !live;
}

// Removes so many at most, and returns how many.
static size_t clean_some(const struct context *context, const char *path, int run, const char *prefix) {
	struct traces traces = {0};
	struct list over = {0};
	const char *container;
	struct walk walk = walk_in(run, ".");
	while (over.count < ROUND_MOST && next_name(&walk)) {
		if (!is_over(run, walk.name, prefix, &container)) {
			continue;
		}
		int at = openat(run, container, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (at >= 0) {
			const char *whole = format("%s/%s", path, container);
			add_traces(&traces, at, whole);
			unmount_fused(context, at, whole);
			close(at);
		}
		add(&over, copy_of(walk.name));
	}
	end_walk(&walk);
	// Again, for what one of them was just starting.
	for (int i = 0; over.count > 0 && i < 3 && end_processes(&traces); i++) {
	}
	size_t removed = 0;
	for (size_t i = 0; i < over.count; i++) {
		removed += remove_tree(run, over.items[i]);
	}
	return removed;
}

static void clean(const char *path, int run, const char *prefix) {
	struct context context = {0};
	note_origin(&context.origin);
	// node-sJOB. has the job's name in it; other schedulers note nothing.
	char *job = copy_of(prefix + strlen("node-"));
	job[strcspn(job, ".")] = '\0';
	for (int i = 0; i < ROUNDS && clean_some(&context, path, run, prefix) == ROUND_MOST; i++) {
	}
	// What `plurality broadcast` brought for the job: a process that still has it open keeps it.
	remove_tree(run, format("local-%s", job));
	// Last, since that filesystem may not answer.
	if (*job == 's') {
		release_leases(run, job + 1);
	}
}

int clean_main(char **arguments) {
	const char *path = arguments[1], *prefix = arguments[2];
	struct stat status;
	int run = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (run < 0 || fstat(run, &status) != 0 || status.st_uid != geteuid() || !starts_with(prefix, "node-") || strlen(prefix) < 7 || strchr(prefix, '/') != NULL) {
		return 0;
	}
	pid_t worker = fork();
	if (worker == 0) {
		setsid();
		int null = open("/dev/null", O_RDWR | O_CLOEXEC), own = fcntl(run, F_DUPFD_CLOEXEC, 3);
		for (int i = 0; i < 3; i++) {
			dup2(null, i);
		}
		dup2(own, 3);
		close_from(4);
		alarm(WORK_S);
		clean(path, 3, prefix);
		_exit(0);
	}
	for (int waited = 0; worker > 0 && waited < WAIT_MS && waitpid(worker, NULL, WNOHANG) == 0; waited += 5) {
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	return 0;
}
