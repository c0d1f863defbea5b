// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"

// Clients decide by name and number which options they use; the rest says who answers.
#define VERSION_TEXT "1.4.5-plurality"
#define STATUS_USAGE 1

static const char USAGE[] =
	"Usage: apptainer [-q|-s|-v|-d] COMMAND [OPTIONS] ...\n"
	"Runs what is written for Apptainer and Singularity with Plurality.\n\n"
	"  exec [OPTIONS] IMAGE COMMAND [ARG...]   run a program in an image\n"
	"  run [OPTIONS] IMAGE [ARG...]            run what the image is for\n"
	"  shell [OPTIONS] IMAGE                   run a shell in an image\n"
	"  pull [OPTIONS] [FILE] docker://NAME     stage an image in; FILE then refers to it\n"
	"  build [OPTIONS] FILE SOURCE             the same, of any source; --sandbox makes a directory\n"
	"  version                                 show the version\n\n"
	"IMAGE is docker://NAME, a FILE of pull, a SIF or squashfs file, or a directory.\n"
	"'apptainer COMMAND --help' lists options. What differs from Apptainer is in docs/user/from-apptainer.md.\n";

_Noreturn static void print(const char *text) {
	_exit(write_all(STDOUT_FILENO, text, strlen(text)) ? 0 : STATUS_USAGE);
}

static bool is_refused(const struct option *option) {
	return option->form == REFUSED || option->form == REFUSED_VALUE;
}

_Noreturn static void print_options(const char *command) {
	struct text text = {0};
	append(&text, format("Usage: apptainer %s [OPTIONS] ...\n\nOptions of Apptainer that Plurality has:\n", command));
	for (int refused = 0; refused < 2; refused++) {
		append(&text, refused ? "\nOptions that it refuses, and what to do instead:\n" : "");
		for (const struct option *option = options_of(command); option->name != NULL; option++) {
			if (is_refused(option) == (refused == 1)) {
				const char *letter = option->letter == '\0' ? "    " : format("-%c, ", option->letter);
				bool value = option->form == VALUE || option->form == LIST || option->form == ACCEPTED_VALUE || option->form == REFUSED_VALUE;
				append(&text, format("  %s--%s%s%s%s\n", letter, option->name, value ? " VALUE" : "", refused ? ": " : "", refused ? option->hint : ""));
			}
		}
	}
	print(text.bytes);
}

static const char *hint_for(const char *command) {
	static const struct {
		const char *command;
		const char *hint;
	} COMMANDS[] = {
		{"cache", "look at the cache with 'plurality images' and 'plurality-stagein usage'; remove images with 'plurality rm NAME'"},
		{"capability", "leave it out: no program gains capabilities"},
		{"checkpoint", "use the program's own checkpoints"},
		{"completion", "source share/bash-completion/completions/plurality"},
		{"config", "write settings into ~/.config/plurality/plurality.toml"},
		{"delete", "remove an image from the cache: plurality rm NAME"},
		{"inspect", "plurality inspect NAME"},
		{"instance", "use named containers: plurality create IMAGE NAME; plurality run -d NAME COMMAND; plurality list; plurality stop NAME"},
		{"key", "check signatures of images with cosign's keys: plurality-stagein pull --require-signature KEY"},
		{"keyserver", "check signatures of images with cosign's keys: plurality-stagein pull --require-signature KEY"},
		{"oci", "use named containers: plurality create IMAGE NAME; plurality run NAME COMMAND"},
		{"overlay", "use a directory on the node: --overlay DIRECTORY"},
		{"plugin", "use hooks of the site: hooks_dirs in plurality.toml"},
		{"push", "push images with another tool, such as podman, buildah or skopeo"},
		{"registry", "log in with plurality-stagein login REGISTRY"},
		{"remote", "log in with plurality-stagein login REGISTRY"},
		{"run-help", "apptainer exec IMAGE cat /.singularity.d/runscript.help"},
		{"search", "look at the registry's own pages"},
		{"sif", "take SIF files apart with Apptainer"},
		{"sign", "sign images in a registry with cosign"},
		{"test", "apptainer exec IMAGE /bin/sh /.singularity.d/test"},
		{"verify", "check signatures of images with cosign's keys: plurality-stagein pull --require-signature KEY"},
	};
	for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
		if (strcmp(COMMANDS[i].command, command) == 0) {
			return COMMANDS[i].hint;
		}
	}
	return NULL;
}

void answer_for_people(const struct line *line) {
	if (*line->command != '\0') {
		if (is_on(line, HELP)) {
			print_options(line->command);
		}
		return;
	}
	if (is_on(line, VERSION)) {
		print("apptainer version " VERSION_TEXT "\n");
	}
	const char *command = line->rest.count == 0 ? "help" : line->rest.items[0];
	if (strcmp(command, "version") == 0) {
		print(VERSION_TEXT "\n");
	}
	if (is_on(line, HELP) || strcmp(command, "help") == 0) {
		const char *of = line->rest.count > 1 ? line->rest.items[1] : "";
		if (*of != '\0' && options_of(of) != NULL) {
			print_options(of);
		}
		print(USAGE);
	}
	if (options_of(command) != NULL && *command != '\0') {
		return;
	}
	if (hint_for(command) != NULL) {
		fail(hint_for(command), "cannot use 'apptainer %s': Plurality does not have it", command);
	}
	dprintf(STDERR_FILENO, "Error for command \"apptainer\": unknown command \"%s\" for \"apptainer\"\n\nRun 'apptainer --help' for what is understood.\n", command);
	_exit(STATUS_USAGE);
}
