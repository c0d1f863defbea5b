// SPDX-License-Identifier: Apache-2.0
// The command line of Apptainer and Singularity: share/compat/bin/apptainer becomes plurality-exec for a program,
// and has plurality-stagein fetch an image.
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../process.h"
#include "../settings.h"
#include "../variables.h"
#include "help.h"
#include "launch.h"
#include "mounts_of.h"
#include "pull.h"

#define STATUS_USAGE 1
#define RUN_NAME "run-singularity"

// The directory above share/compat/bin.
static const char *find_prefix_above(void) {
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	path[length < 0 ? 0 : length] = '\0';
	for (int i = 0; i < 4; i++) {
		char *slash = strrchr(path, '/');
		if (slash == NULL) {
			fail("mount /proc on this node", "cannot find the installation");
		}
		*slash = '\0';
	}
	if (!exists(AT_FDCWD, format("%s/bin/plurality-exec", path))) {
		fail("start it where it is installed, or by a symbolic link to it", "cannot find the rest of Plurality above %s/share/compat/bin", path);
	}
	return copy_of(path);
}

static bool sets(const char *file, const char *key) {
	const char *text = file == NULL ? NULL : read_host(AT_FDCWD, file, NULL);
	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\n");
		const char *name = text + strspn(text, " \t");
		size_t letters = strlen(key);
		if (strncmp(name, key, letters) == 0 && (name[letters] == '=' || name[letters] == ' ' || name[letters] == '\t')) {
			return true;
		}
		text += length + (text[length] == '\n');
	}
	return false;
}

static bool is_set(const struct list *environment, const char *name, const char *key) {
	return *value_of(environment, name) != '\0' || sets(user_file(environment), key) || sets(SITE_FILE, key);
}

static void find_place(struct context *context, struct place *place) {
	complete_environment(context);
	struct list *environment = &context->environment;
	*place = (struct place){.home = copy_of(value_of(environment, "HOME")), .here = copy_of(context->here), .user = geteuid()};
	place->has_cache = is_set(environment, "PLURALITY_CACHE", "cache");
	place->has_site_caches = is_set(environment, "PLURALITY_SITE_CACHES", "site_caches");
}

_Noreturn static void launch(const struct line *global, const struct line *line, const struct place *place, const char *prefix, struct list *environment) {
	struct image image;
	struct list words = {0};
	size_t least = strcmp(line->command, "exec") == 0 ? 2 : 1;
	if (line->rest.count < least) {
		dprintf(STDERR_FILENO, "Error for command \"%s\": requires at least %zu arg(s), only received %zu\n", line->command, least, line->rest.count);
		_exit(STATUS_USAGE);
	}
	find_image(line->rest.items[0], &image);
	// By this name plurality-exec speaks as Apptainer does.
	add(&words, "apptainer");
	translate(global, line, place, &image, &words, environment);
	make_mount_points(line, place);
	if (is_on(line, NO_UMASK) || is_on(line, COMPAT)) {
		umask(022);
	}
	execve(format("%s/bin/plurality-exec", prefix), words.items, environment->items);
	fail("install Plurality again", "cannot start %s/bin/plurality-exec: %s", prefix, reason());
}

int main(int count, char **words, char **variables) {
	struct context context = {.arguments = words, .pid = getpid(), .run = -1};
	struct line global = {0}, line = {0};
	struct place place;
	for (; *variables != NULL; variables++) {
		add(&context.environment, *variables);
	}
	const char *slash = count > 0 ? strrchr(words[0], '/') : NULL;
	if (count > 0 && strcmp(slash == NULL ? words[0] : slash + 1, RUN_NAME) == 0) {
		// The first line of an image's file names it.
		words[0] = "run";
		global.command = "";
		add_all(&global.rest, &(struct list){.items = words, .count = (size_t)count});
	} else {
		parse_line(&global, "", words + (count > 0));
	}
	answer_for_people(&global);
	const char *command = global.rest.items[0];
	parse_line(&line, command, global.rest.items + 1);
	answer_for_people(&line);
	add_settings(&line, &context.environment);
	find_place(&context, &place);
	const char *prefix = find_prefix_above();
	if (strcmp(command, "pull") == 0) {
		pull(&global, &line, &place, prefix, &context.environment);
	} else if (strcmp(command, "build") == 0) {
		build(&global, &line, &place, prefix, &context.environment);
	}
	launch(&global, &line, &place, prefix, &context.environment);
}
