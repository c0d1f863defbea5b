// SPDX-License-Identifier: Apache-2.0
#include "planner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "files.h"
#include "message.h"
#include "mounts.h"
#include "process.h"
#include "variables.h"

#define NOT_STAGED 3

const char *find_prefix(struct context *context) {
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0) {
		fail("mount /proc on this node", "cannot find the installation: %s", reason());
	}
	path[length] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(path, '/');
		*(slash == NULL || slash == path ? path + 1 : slash) = '\0';
	}
	context->prefix = copy_of(path);
	if (!exists(AT_FDCWD, format("%s/lib/exec.options", path))) {
		fail("start it where it is installed: a copy of this one file, as 'srun --bcast' makes, is not enough", "cannot find the rest of Plurality beside %s", context->arguments[0]);
	}
	return context->prefix;
}

// The JVM's command line: lib/exec.options has its version, then an option a line.
static void add_java(const struct context *context, struct list *command, struct list *environment) {
	const char *text = read_host(AT_FDCWD, format("%s/lib/exec.options", context->prefix), NULL);
	const char *heap = value_of(&context->environment, "PLURALITY_EXEC_HEAP");
	static const char *const NOT[] = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"};
	if (text == NULL) {
		fail("install Plurality again", "cannot read %s/lib/exec.options: %s", context->prefix, reason());
	}
	add_all(environment, &context->environment);
	for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++) {
		unset_variable(environment, NOT[i]);
	}
	set_variable(environment, "LC_ALL", "C.UTF-8");
	// An arena for each thread takes 64 MiB of address space.
	set_variable(environment, "MALLOC_ARENA_MAX", "1");
	add(command, format("%s/runtime/bin/java", context->prefix));
	for (bool first = true; *text != '\0'; first = false) {
		size_t length = strcspn(text, "\n");
		struct text word = {0};
		append(&word, "");
		for (const char *at = text; at < text + length;) {
			if (starts_with(at, "$prefix")) {
				append(&word, context->prefix);
				at += strlen("$prefix");
			} else {
				append_bytes(&word, at++, 1);
			}
		}
		if (first) {
			set_variable(environment, "PLURALITY_VERSION", word.bytes);
		} else {
			add(command, word.bytes);
		}
		text += length + (text[length] == '\n');
	}
	if (*heap != '\0') {
		add(command, format("-Xmx%s", heap));
	}
	add(command, "org.plurality.launch.Planner");
}

void inform(struct context *context) {
	struct list command = {0}, environment = {0};
	find_prefix(context);
	add_java(context, &command, &environment);
	add(&command, "/");
	add(&command, format("%d", (int)context->pid));
	for (char **argument = context->arguments + 1; *argument != NULL; argument++) {
		add(&command, *argument);
	}
	struct child child = {command.items, environment.items, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, true, true, -1, -1};
	_exit(wait_for(start(context, &child)) == 0 ? 0 : EXIT_LAUNCH);
}

// One byte at a time: what follows is for others.
static char *read_line(int from) {
	struct text line = {0};
	char byte;
	append(&line, "");
	while (read(from, &byte, 1) == 1 && byte != '\n') {
		append_bytes(&line, &byte, 1);
	}
	return line.bytes;
}

static pid_t start_planner(const struct context *context, const struct planning *planning, int *from) {
	const struct request *request = &context->request;
	struct list command = {0}, environment = {0};
	int ends[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = open_log(planning, "error");
	add_java(context, &command, &environment);
	if (planning->shared) {
		set_variable(&environment, "PLURALITY_SHARED", "1");
	}
	add(&command, planning->directory);
	add(&command, format("%d", (int)planning->owner));
	add_all(&command, &request->options);
	add_all(&command, &request->modes);
	add(&command, "--");
	if (request->image != NULL) {
		add(&command, request->image);
	}
	add(&command, "--");
	add_all(&command, &request->command);
	if (null < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot start the planner: %s", reason());
	}
	struct child child = {command.items, environment.items, null, ends[1], error, true, false, -1, -1};
	pid_t planner = start(context, &child);
	close(ends[1]);
	close(null);
	close(error);
	*from = ends[0];
	return planner;
}

// A JVM that cannot begin says so in words of its own, for people who know JVMs; where the directory is full,
// nobody says anything.
static void explain(const struct planning *planning, int status) {
	const char *error = read_own(planning->at, "error", NULL), *space = address_space();
	if (error != NULL && starts_with(error, "plurality-exec:")) {
		return;
	}
	if (!has_room(planning->at)) {
		set_error(planning->at, format("cannot write to %s: %s", planning->directory, reason()), place_hint(FREE_SPACE));
	} else if (space != NULL) {
		set_error(planning->at, format("cannot plan the launch: %s of address space are not enough", space),
		          "raise that limit to 1 GiB (ulimit -v; Slurm passes on what the shell of sbatch has, PBS sets it for pvmem)");
	} else if (error == NULL || *error == '\0') {
		set_error(planning->at, format("cannot plan the launch: the planner ended with status %d", status), "look at the node's memory and at the limits of the job");
	}
}

void end_planner(struct planning *planning) {
	if (planning->planner > 0) {
		wait_for(planning->planner);
		planning->planner = 0;
	}
}

int run_planner(const struct context *context, struct planning *planning) {
	int from;
	planning->planner = start_planner(context, planning, &from);
	const char *said = read_line(from);
	if (strcmp(said, "mount") == 0) {
		if (!mount_root(context, planning)) {
			kill(planning->planner, SIGKILL);
			end_planner(planning);
			const char *error = read_own(planning->at, "mounts.error", NULL);
			write_text(planning->at, "error", error == NULL ? "" : error);
			close(from);
			return EXIT_LAUNCH;
		}
		said = read_line(from);
	}
	if (context->request.dry) {
		char part[4096];
		ssize_t got;
		const char *line = *said == '\0' ? "" : format("%s\n", said);
		bool well = write_all(STDOUT_FILENO, line, strlen(line));
		while (well && (got = read(from, part, sizeof part)) > 0) {
			well = write_all(STDOUT_FILENO, part, (size_t)got);
		}
	}
	close(from);
	if (strcmp(said, "planned") == 0) {
		return 0;
	}
	int status = wait_for(planning->planner);
	planning->planner = 0;
	if (status != 0) {
		explain(planning, status);
	}
	return status;
}

// Into the cache and for the platform that the options name. It says itself how far it is, and what fails; its
// result is for scripts that call it.
static int stage_in(const struct context *context) {
	struct list command = {0};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	add(&command, format("%s/bin/plurality-stagein", context->prefix));
	add(&command, "pull");
	add_all(&command, &context->request.places);
	const char *image = context->request.image == NULL ? "" : context->request.image;
	if (context->request.quiet) {
		add(&command, "--quiet");
	}
	if (context->request.from != NULL) {
		add(&command, "--name");
		add(&command, image);
		image = context->request.from;
	}
	add(&command, image);
	struct child child = {command.items, context->environment.items, STDIN_FILENO, null, STDERR_FILENO, true, true, -1, -1};
	int status = wait_for(start(context, &child));
	close(null);
	return status;
}

int plan_again(const struct context *context, struct planning *planning) {
	int status = run_planner(context, planning);
	if (status == NOT_STAGED && context->settings.pull_missing) {
		// Those who wait have patience while this is there.
		write_text(planning->at, "staging", "");
		status = stage_in(context);
		unlinkat(planning->at, "staging", 0);
		if (status != 0) {
			// It has said why, in its own words.
			if (is_apptainer()) {
				set_error(planning->at, "cannot fetch the image: see above", "pull it before the job, where registries can be reached");
			} else {
				write_text(planning->at, "error", "");
			}
			return EXIT_LAUNCH;
		}
		status = run_planner(context, planning);
	}
	if (status == 0) {
		const char *notes = read_own(planning->at, "error", NULL);
		if (notes != NULL && !context->request.quiet) {
			print_said(notes);
		}
		debug(context, "planned");
	}
	return status == 0 ? 0 : EXIT_LAUNCH;
}
