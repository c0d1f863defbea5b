// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "process.h"
#include "variables.h"

// A launch may wait 30 years at most.
#define FOREVER_S 1000000000ULL

char *home_in(const char *passwd, unsigned long long uid) {
	for (const char *line = passwd; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		const char *field = line, *end = line + length;
		unsigned long long number = ULLONG_MAX;
		for (int i = 0; i < 5 && field != NULL; i++) {
			size_t part = (size_t)(end - field);
			const char *colon = memchr(field, ':', part);
			if (i == 2 && colon != NULL && colon > field && !parse_number(copy_bytes(field, (size_t)(colon - field)), UINT_MAX, &number)) {
				number = ULLONG_MAX;
			}
			field = colon == NULL ? NULL : colon + 1;
		}
		if (field != NULL && number == uid && *line != '+' && *line != '-') {
			return copy_bytes(field, strcspn(field, ":\n"));
		}
		line = end + (*end == '\n');
	}
	return NULL;
}

static const char *home_of_user(const struct context *context) {
	const char *passwd = read_host(AT_FDCWD, "/etc/passwd", NULL);
	const char *home = passwd == NULL ? NULL : home_in(passwd, geteuid());
	if (home == NULL) {
		// A name service knows users that the file does not have.
		char *const getent[] = {"/usr/bin/getent", "passwd", format("%u", geteuid()), NULL};
		const char *line = first_line_of(context, getent);
		home = line == NULL ? NULL : home_in(line, geteuid());
	}
	return home;
}

void take_pins(struct list *environment) {
	const char *pins = value_of(environment, "SLURM_PLURALITY_PINNED"), *cache = value_of(environment, "SLURM_PLURALITY_CACHE");
	const char *const jobs[] = {value_of(environment, "SLURM_JOB_ID"), value_of(environment, "SLURM_HET_JOB_ID"), "-"};
	size_t length = strcspn(pins, " ");
	for (size_t i = 0; i < 3 && length > 0 && pins[length] == ' ' && variable(environment, "PLURALITY_PINNED") == NULL; i++) {
		if (strlen(jobs[i]) == length && strncmp(jobs[i], pins, length) == 0) {
			set_variable(environment, "PLURALITY_PINNED", pins + length + 1);
			if (*cache != '\0' && variable(environment, "PLURALITY_CACHE") == NULL) {
				set_variable(environment, "PLURALITY_CACHE", cache);
			}
		}
	}
}

void complete_environment(struct context *context) {
	struct list *environment = &context->environment;
	take_pins(environment);
	if (*value_of(environment, "HOME") == '\0') {
		const char *home = home_of_user(context);
		if (home != NULL && *home == '/') {
			set_variable(environment, "HOME", home);
		}
	}
	const char *given = value_of(environment, "PWD");
	if (*given == '/' && is_same(AT_FDCWD, given, AT_FDCWD, ".") && strstr(given, "/..") == NULL && strstr(given, "/./") == NULL) {
		context->here = given;
		return;
	}
	char path[PATH_MAX];
	if (getcwd(path, sizeof path) == NULL || path[0] != '/') {
		fail("change to a directory that is there", "cannot use the working directory: %s", errno == ENOENT ? "it was removed" : reason());
	}
	context->here = copy_of(path);
	set_variable(environment, "PWD", path);
}

char *setting_in(const char *line, size_t length, const char *key) {
	const char *end = line + length, *at = line;
	size_t name = strlen(key);
	while (at < end && (*at == ' ' || *at == '\t')) {
		at++;
	}
	if ((size_t)(end - at) < name || strncmp(at, key, name) != 0) {
		return NULL;
	}
	at += name;
	while (at < end && (*at == ' ' || *at == '\t')) {
		at++;
	}
	if (at >= end || *at++ != '=') {
		return NULL;
	}
	while (at < end && (*at == ' ' || *at == '\t')) {
		at++;
	}
	if (at >= end || (*at != '"' && *at != '\'')) {
		return NULL;
	}
	at++;
	for (const char *value = at; at < end; at++) {
		if (*at == '"' || *at == '\'') {
			return copy_bytes(value, (size_t)(at - value));
		}
	}
	return NULL;
}

char *user_file(const struct list *environment) {
	const char *config = value_of(environment, "XDG_CONFIG_HOME");
	return *config != '\0' ? format("%s/plurality/plurality.toml", config)
	                       : format("%s/.config/plurality/plurality.toml", value_of(environment, "HOME"));
}

// A value that something stronger has not given yet.
struct wanted {
	const char *key;
	const char *value;
};

static void read_file(const char *path, struct wanted *wanted, size_t count) {
	struct stat status;
	// A directory or a pipe of that name is the planner's to name.
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		return;
	}
	const char *text = read_host(AT_FDCWD, path, NULL);
	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\n");
		for (size_t i = 0; i < count; i++) {
			const char *value = *wanted[i].value == '\0' ? setting_in(text, length, wanted[i].key) : NULL;
			if (value != NULL) {
				wanted[i].value = value;
			}
		}
		text += length + (text[length] == '\n');
	}
}

bool parse_patience(const char *text, unsigned long long *seconds) {
	static const struct {
		const char *unit;
		unsigned long long seconds;
	} UNITS[] = {{"s", 1}, {"min", 60}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
	if (strcmp(text, "none") == 0) {
		*seconds = FOREVER_S;
		return true;
	}
	text += strspn(text, " \t");
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = 0;
	const char *unit = text + digits + strspn(text + digits, " \t");
	size_t length = strcspn(unit, " \t");
	if (!parse_number(copy_bytes(text, digits), 999999999, &number) || number == 0 || unit[length + strspn(unit + length, " \t")] != '\0') {
		return false;
	}
	for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
		if (strlen(UNITS[i].unit) == length && strncmp(UNITS[i].unit, unit, length) == 0) {
			*seconds = number > FOREVER_S / UNITS[i].seconds ? FOREVER_S : number * UNITS[i].seconds;
			return true;
		}
	}
	return false;
}

static const char *either(const char *one, const char *other) {
	return one != NULL && *one != '\0' ? one : other;
}

static void check_run_directory(struct context *context) {
	struct settings *settings = &context->settings;
	if (*settings->run == '\0') {
		settings->run = format("/tmp/plurality-%u", geteuid());
	}
	if (starts_with(settings->run, "~/")) {
		settings->run = format("%s%s", value_of(&context->environment, "HOME"), settings->run + 1);
	}
	if (*settings->run != '/') {
		fail("check PLURALITY_RUN_DIR and 'run_dir' in plurality.toml", "cannot use the run directory %s: it is not absolute", settings->run);
	}
	// A trailing slash would make the kernel follow a link.
	char *run = copy_of(settings->run);
	for (size_t length = strlen(run); length > 1 && run[length - 1] == '/'; length--) {
		run[length - 1] = '\0';
	}
	settings->run = run;
}

void read_settings(struct context *context) {
	const struct list *environment = &context->environment;
	struct settings *settings = &context->settings;
	struct request *request = &context->request;
	struct wanted wanted[] = {
		{"share", either(request->share, value_of(environment, "PLURALITY_SHARE"))},
		{"run_dir", value_of(environment, "PLURALITY_RUN_DIR")},
		{"pull", either(request->pull, value_of(environment, "PLURALITY_PULL"))},
		{"edf", value_of(environment, "PLURALITY_EDF")},
		{"launch_timeout", value_of(environment, "PLURALITY_LAUNCH_TIMEOUT")},
	};
	size_t count = sizeof wanted / sizeof *wanted;
	const char *debugging = value_of(environment, "PLURALITY_DEBUG");
	request->debug |= strcmp(debugging, "1") == 0 || strcmp(debugging, "true") == 0;
	read_file(user_file(environment), wanted, count);
	read_file(SITE_FILE, wanted, count);
	request->share = either(wanted[0].value, "auto");
	settings->run = wanted[1].value;
	settings->pull_missing = strcmp(wanted[2].value, "missing") == 0;
	settings->edf = wanted[3].value;
	check_run_directory(context);
	if (strcmp(request->share, "none") != 0 && strcmp(request->share, "node") != 0 && strcmp(request->share, "auto") != 0) {
		fail("check --share, PLURALITY_SHARE and 'share' in plurality.toml", "cannot share '%s': it is none of none, node, auto", request->share);
	}
	if (!settings->pull_missing && *wanted[2].value != '\0' && strcmp(wanted[2].value, "never") != 0) {
		fail("check --pull, PLURALITY_PULL and 'pull' in plurality.toml", "cannot pull '%s': it is neither never nor missing", wanted[2].value);
	}
	if (!parse_patience(either(wanted[4].value, "60s"), &settings->patience_s)) {
		fail("check PLURALITY_LAUNCH_TIMEOUT and 'launch_timeout' in plurality.toml", "cannot wait '%s': it is no time like 90s or 5min", wanted[4].value);
	}
}

unsigned long long tasks_of_node(const char *list, unsigned long long node) {
	while (*list != '\0') {
		char *end = NULL;
		unsigned long long tasks = strtoull(list, &end, 10), times = 1;
		if (end == list) {
			return 1;
		}
		if (starts_with(end, "(x")) {
			times = strtoull(end + 2, &end, 10);
			end += *end == ')';
		}
		if (node < times) {
			return tasks;
		}
		node -= times;
		list = end + (*end == ',');
		if (*end != ',' && *end != '\0') {
			return 1;
		}
	}
	return 1;
}

static const char *first_of(const struct list *environment, const char *const *names) {
	for (; *names != NULL; names++) {
		const char *value = value_of(environment, *names);
		if (*value != '\0') {
			return value;
		}
	}
	return NULL;
}

const char *local_rank(const struct context *context) {
	// What mpirun starts by srun has one task's number of Slurm's.
	static const char *const NAMES[] = {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PALS_LOCAL_RANKID", "SLURM_LOCALID", NULL};
	const char *rank = first_of(&context->environment, NAMES);
	return rank == NULL || strspn(rank, "0123456789") != strlen(rank) || strlen(rank) > 9 ? NULL : rank;
}

bool is_first_here(const struct context *context) {
	const char *rank = local_rank(context);
	return rank == NULL || strcmp(rank, "0") == 0;
}

void decide_sharing(struct context *context) {
	static const char *const SIZES[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PALS_LOCAL_SIZE", NULL};
	const struct list *environment = &context->environment;
	struct settings *settings = &context->settings;
	const char *size = first_of(environment, SIZES);
	settings->tasks = size != NULL ? strtoull(size, NULL, 10)
	                               : tasks_of_node(value_of(environment, "SLURM_STEP_TASKS_PER_NODE"), strtoull(value_of(environment, "SLURM_NODEID"), NULL, 10));
	if (settings->tasks > 1000000) {
		settings->tasks = 1000000;
	}
	// The ranks of a step share; a command from a shell has a container of its own, of which nothing is left
	// once it has started.
	bool step = *value_of(environment, "SLURM_JOB_ID") != '\0' && *value_of(environment, "SLURM_STEP_ID") != '\0';
	settings->shared = strcmp(context->request.share, "node") == 0 || (strcmp(context->request.share, "auto") == 0 && (settings->tasks > 1 || step));
}
