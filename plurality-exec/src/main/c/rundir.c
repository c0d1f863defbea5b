// SPDX-License-Identifier: Apache-2.0
#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "variables.h"

// Longer names do not fit into a file's.
#define NAME_MOST 230
#define UNIT '\x1f'

static bool make_directories(const char *path) {
	char *parent = copy_of(path);
	for (char *at = strchr(parent + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(parent, 0755) != 0 && errno != EEXIST && !exists(AT_FDCWD, parent)) {
			return false;
		}
		*at = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool open_run_directory(struct context *context, bool make) {
	const char *run = context->settings.run;
	struct stat status;
	context->run = open_own_directory(AT_FDCWD, run);
	if (context->run < 0 && errno == ENOENT && make) {
		if (!make_directories(run)) {
			fail(place_hint("name a directory on this node that you can write to with PLURALITY_RUN_DIR"), "cannot make %s: %s", run, reason());
		}
		context->run = open_own_directory(AT_FDCWD, run);
	}
	if (context->run >= 0 && !may_be_swapped(run)) {
		return true;
	} else if (context->run >= 0) {
		fail("name a directory on this node with PLURALITY_RUN_DIR that only you and the system can rename",
		     "cannot use the run directory %s: others may write to a directory above it", run);
	}
	if (errno == ENOENT && !make) {
		return false;
	}
	// A directory that another user put there in our name, or may write to, could make us run what they like.
	const char *hint = "name another directory on this node with PLURALITY_RUN_DIR";
	int error = errno;
	if (lstat(run, &status) != 0) {
		errno = error;
		fail(place_hint(hint), "cannot use the run directory %s: %s", run, reason());
	} else if (!S_ISDIR(status.st_mode)) {
		fail(hint, "cannot use the run directory %s: it is %s", run, S_ISLNK(status.st_mode) ? "a symbolic link" : "no directory");
	} else if (status.st_uid != geteuid()) {
		fail(hint, "cannot use the run directory %s: it is not yours", run);
	} else if (!is_own_directory(&status)) {
		fail(format("close it to others (chmod go-w %s), after a look at what lies in it, or name another with PLURALITY_RUN_DIR", run),
		     "cannot use the run directory %s: others may write to it", run);
	}
	errno = error;
	fail(place_hint(hint), "cannot use the run directory %s: %s", run, reason());
}

static bool is_of_no_plan(const char *name) {
	static const char *const NAMES[] = {"IMAGE", "RUN_DIR", "SHARE", "PULL", "LAUNCH_TIMEOUT", "DEBUG", "REQUEST", "SUBMITTED_FROM", "AUTH_FILE", "CA_FILE", "VERSION"};
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		if (strcmp(name, NAMES[i]) == 0) {
			return true;
		}
	}
	return starts_with(name, "IMAGE_") || starts_with(name, "MAX_") || ends_with(name, "_FETCHES") || ends_with(name, "_REGISTRIES") || ends_with(name, "_HEAP");
}

static int by_text(const void *one, const void *other) {
	return strcmp(*(char *const *)one, *(char *const *)other);
}

// Directory, options, image and the planner's settings in the environment; PLURALITYENV_ too, whose values
// every rank of a container gets.
static char *describe_request(const struct context *context) {
	const struct request *request = &context->request;
	struct text text = {0};
	struct list ours = {0};
	append(&text, context->here);
	for (size_t i = 0; i < request->options.count; i++) {
		append_bytes(&text, "\x1f", 1);
		append(&text, request->options.items[i]);
	}
	append_bytes(&text, "\x1f", 1);
	append(&text, request->image == NULL ? "" : request->image);
	for (size_t i = 0; i < context->environment.count; i++) {
		const char *item = context->environment.items[i];
		if (starts_with(item, "PLURALITY")) {
			item += starts_with(item, "PLURALITY_") ? strlen("PLURALITY_") : 0;
			if (!is_of_no_plan(copy_bytes(item, strcspn(item, "=")))) {
				add(&ours, item);
			}
		}
	}
	if (ours.count > 0) {
		qsort(ours.items, ours.count, sizeof *ours.items, by_text);
	}
	for (size_t i = 0; i < ours.count; i++) {
		append_bytes(&text, "\x1f", 1);
		append(&text, ours.items[i]);
	}
	return text.bytes;
}

char *escaped(const char *text) {
	struct text name = {0};
	append(&name, "");
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '%': append(&name, "%25"); break;
		case '+': append(&name, "%2B"); break;
		case ',': append(&name, "%2C"); break;
		case '/': append(&name, ","); break;
		case UNIT: append(&name, "+"); break;
		default: append_bytes(&name, text, 1);
		}
	}
	return name.bytes;
}

// A word of the environment in a file's name.
static char *word(const struct context *context, const char *name) {
	char *value = copy_of(value_of(&context->environment, name));
	for (char *at = value; *at != '\0'; at++) {
		*at = *at == '/' ? ',' : *at;
	}
	return value;
}

void name_container(struct context *context) {
	const char *slurm = word(context, "SLURM_JOB_ID"), *pbs = word(context, "PBS_JOBID"), *slurm_step = word(context, "SLURM_STEP_ID");
	const char *step;
	context->common = describe_request(context);
	context->long_name = NULL;
	if (!context->settings.shared) {
		const char *job = *slurm != '\0' ? format("s%s.", slurm) : *pbs != '\0' ? format("p%s.", pbs) : "";
		context->name = format("node-%sr%d.%llu", job, (int)context->pid, context->ticks);
	} else {
		if (*slurm != '\0' && *slurm_step != '\0') {
			const char *restarts = word(context, "SLURM_RESTART_COUNT");
			step = format("s%s.%s.%s@%s", slurm, slurm_step, *restarts == '\0' ? "0" : restarts, word(context, "SLURMD_NODENAME"));
		} else if (*slurm != '\0') {
			// By mpirun in a batch script.
			step = format("s%s.p%d", slurm, (int)getppid());
		} else {
			step = format("p%s.%d", pbs, (int)getppid());
		}
		const char *text = escaped(context->common);
		if (strlen(step) + strlen(text) > NAME_MOST) {
			context->long_name = context->common;
			context->name = format("node-%s-#%s", step, hash_of(context->common));
		} else {
			context->name = format("node-%s-%s", step, text);
		}
	}
	context->directory = format("%s/%s", context->settings.run, context->name);
}

bool parse_ready(char *text, struct container *container) {
	char *name, *value;
	bool whole = false;
	while (next_line(&text, &name, &value)) {
		if (strcmp(name, "workdir") == 0) {
			container->workdir = value;
		} else if (strcmp(name, "kept") == 0) {
			container->kept = value;
		} else if (strcmp(name, "entrypoint") == 0) {
			container->has_entrypoint = true;
		} else if (strcmp(name, "processes") == 0) {
			container->own_processes = strcmp(value, "own") == 0;
		} else if (strcmp(name, "ipc") == 0) {
			container->own_ipc = strcmp(value, "own") == 0;
		} else if (strcmp(name, "network") == 0) {
			container->own_network = strcmp(value, "none") == 0;
		} else if (strcmp(name, "pause") == 0) {
			parse_process(value, &container->pause);
		} else if (strcmp(name, "end") == 0) {
			whole = true;
		}
	}
	return whole && container->workdir != NULL && container->pause.pid > 0;
}

enum state find_container(const struct context *context, struct container *container) {
	*container = (struct container){.at = -1};
	if (context->run < 0) {
		return ABSENT;
	}
	int at = open_own_directory(context->run, context->name);
	if (at < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			fail(place_hint(""), "cannot look for the container: %s", reason());
		}
		if (errno == EPERM || errno == ELOOP || errno == ENOTDIR) {
			fail("remove it, and see who may write to the run directory", "cannot use %s: it is no directory of yours that is closed to others", context->directory);
		}
		return ABSENT;
	}
	container->at = at;
	char *text = read_own(at, "ready", NULL);
	if (text == NULL) {
		return LEADING;
	}
	if (context->long_name != NULL) {
		const char *said = read_own(at, "name", NULL);
		if (said == NULL || strcmp(said, context->long_name) != 0) {
			fail("run it again with --share none", "cannot share the container: another request has the same name");
		}
	}
	if (!parse_ready(text, container)) {
		return LEADING;
	}
	// The pause process holds a file of this very directory open: a pid that is used again does not.
	char *held = format("/proc/%d/fd/2", (int)container->pause.pid);
	return is_same(AT_FDCWD, held, at, "monitor.log") ? READY : ENDED;
}
