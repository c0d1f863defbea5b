// SPDX-License-Identifier: Apache-2.0
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../variables.h"
#include "child.h"
#include "json.h"

#define SETTINGS ".singularity.d"
#define TRUSTED_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

static const char *program(const char *name) {
	const char *path = TRUSTED_PATH;
	while (*path != '\0') {
		size_t length = strcspn(path, ":");
		const char *file = format("%.*s/%s", (int)length, path, name);
		if (access(file, X_OK) == 0) {
			return file;
		}
		path += length + (path[length] == ':');
	}
	fail(format("install %s on this node", name), "cannot make a directory of the image: there is no %s", name);
}

static void run(const char *const *words, const struct list *environment) {
	struct list command = {0};
	struct text output = {0};
	for (; *words != NULL; words++) {
		add(&command, *words);
	}
	if (run_child(&command, environment, ALL_LINES, &output) != 0) {
		fail("see the lines above; check the room on that filesystem", "cannot make a directory of the image: %s failed", command.items[0]);
	}
}

static void append_quoted(struct text *text, const char *word) {
	append(text, "'");
	for (; *word != '\0'; word++) {
		if (*word == '\'') {
			append(text, "'\\''");
		} else {
			append_bytes(text, word, 1);
		}
	}
	append(text, "'");
}

static void append_words(struct text *text, const struct list *words) {
	for (size_t i = 0; i < words->count; i++) {
		append(text, i > 0 ? " " : "");
		append_quoted(text, words->items[i]);
	}
}

// The image's variables and command, in the files where Apptainer looks for them.
static void write_settings(const char *config, int at) {
	struct list variables = {0}, entrypoint = {0}, command = {0};
	struct text script = {0}, start = {0};
	append(&script, "#!/bin/sh\n");
	append(&start, "#!/bin/sh\n");
	if (!add_array(member_of(config, "Env"), &variables) || !add_array(member_of(config, "Entrypoint"), &entrypoint) || !add_array(member_of(config, "Cmd"), &command)) {
		fail("report this", "cannot make a directory of the image: its settings are not understood");
	}
	for (size_t i = 0; i < variables.count; i++) {
		const char *equals = strchr(variables.items[i], '=');
		if (equals != NULL) {
			append(&script, format("export %.*s=", (int)(equals - variables.items[i]), variables.items[i]));
			append_quoted(&script, equals + 1);
			append(&script, "\n");
		}
	}
	if (entrypoint.count == 0) {
		append(&start, "[ $# -eq 0 ] || exec \"$@\"\n");
	}
	if (command.count > 0) {
		append(&start, "[ $# -gt 0 ] || set -- ");
		append_words(&start, &command);
		append(&start, "\n");
	}
	append(&start, "exec ");
	append_words(&start, &entrypoint);
	append(&start, " \"$@\"\n");
	bool well = (mkdirat(at, SETTINGS, 0755) == 0 || errno == EEXIST) && (mkdirat(at, SETTINGS "/env", 0755) == 0 || errno == EEXIST) &&
	            write_file(at, SETTINGS "/env/10-docker2singularity.sh", script.bytes, script.length, true) &&
	            fchmodat(at, SETTINGS "/env/10-docker2singularity.sh", 0755, 0) == 0 && write_file(at, SETTINGS "/runscript", start.bytes, start.length, true) &&
	            fchmodat(at, SETTINGS "/runscript", 0755, 0) == 0;
	if (!well && errno != EEXIST) {
		fail("check the room on that filesystem", "cannot make a directory of the image: %s", reason());
	}
}

void make_sandbox(const char *json, const char *prefix, const char *directory, bool force, struct list *environment) {
	const char *path = string_in(json, "path"), *kind = string_in(json, "kind"), *digest = string_in(json, "digest"), *cache = string_in(json, "cache");
	const char *new = format("%s.%d", directory, (int)getpid());
	struct list command = {0};
	struct text output = {0};
	if (path == NULL || kind == NULL || digest == NULL || cache == NULL) {
		fail("report this", "cannot make a directory of the image: plurality-stagein did not say what it staged in");
	}
	if (strcmp(kind, "squashfs") == 0) {
		run((const char *const[]){program("unsquashfs"), "-quiet", "-no-progress", "-dest", new, path, NULL}, environment);
	} else {
		run((const char *const[]){program("cp"), "-a", "--reflink=auto", "--", path, new, NULL}, environment);
	}
	const char *const words[] = {format("%s/bin/plurality-stagein", prefix), "inspect", "--cache", cache, digest};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		add(&command, words[i]);
	}
	if (run_child(&command, environment, ERRORS_ONLY, &output) != 0) {
		_exit(launch_status());
	}
	int at = open(new, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0 || fchmod(at, 0755) != 0) {
		fail("check the room on that filesystem", "cannot make a directory of the image: %s", reason());
	}
	write_settings(member_of(output.bytes, "config"), at);
	close(at);
	if (force) {
		remove_tree(AT_FDCWD, directory);
	}
	if (rename(new, directory) != 0) {
		fail("check the path, and the room on that filesystem", "cannot make %s: %s", directory, reason());
	}
}
