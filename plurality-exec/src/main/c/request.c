// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include <string.h>
#include <unistd.h>

#include "message.h"

enum kind { PLAIN, VALUE, PLACE, SHARE, PULL, SHELL, FROM, BUNDLE, EDF, QUIET, DEBUG, DRY, TERMINAL, ACCEPTED, INFORMATION };

struct option {
	const char *name;
	enum kind kind;
};

// LaunchOptionsTest compares this table with the planner's.
static const struct option OPTIONS[] = {
	{"--share", SHARE}, {"--pull", PULL}, {"--shell", SHELL}, {"--from", FROM}, {"--bundle", BUNDLE}, {"--edf", EDF},
	{"--cache", PLACE}, {"--bind", VALUE}, {"-B", VALUE}, {"--volume", VALUE}, {"-v", VALUE}, {"--mount", VALUE}, {"--home", VALUE}, {"--env", VALUE},
	{"--env-file", VALUE}, {"--workdir", VALUE}, {"--pwd", VALUE}, {"--mpi", VALUE}, {"--device", VALUE}, {"--platform", PLACE},
	{"--runtime", VALUE}, {"--overlay", VALUE}, {"--try-workdir", VALUE}, {"--network", VALUE}, {"--no-mount", VALUE},
	{"--no-home", PLAIN}, {"--contain", PLAIN}, {"-c", PLAIN}, {"--cleanenv", PLAIN}, {"-e", PLAIN}, {"--entrypoint", PLAIN},
	{"--nv", PLAIN}, {"--rocm", PLAIN}, {"--json", PLAIN}, {"--local", PLAIN}, {"--writable-tmpfs", PLAIN}, {"--pid", PLAIN}, {"--ipc", PLAIN},
	{"--quiet", QUIET}, {"-q", QUIET},
	{"--debug", DEBUG}, {"--dry-run", DRY}, {"--tty", TERMINAL}, {"-t", TERMINAL}, {"-it", TERMINAL},
	{"--interactive", ACCEPTED}, {"-i", ACCEPTED}, {"--rm", ACCEPTED},
	{"--help", INFORMATION}, {"-h", INFORMATION}, {"--version", INFORMATION},
};

static enum kind kind_of(const char *name, size_t length) {
	for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
		if (strlen(OPTIONS[i].name) == length && strncmp(OPTIONS[i].name, name, length) == 0) {
			return OPTIONS[i].kind;
		}
	}
	return INFORMATION;
}

static bool takes_value(enum kind kind) {
	return kind == VALUE || kind == PLACE || kind == SHARE || kind == PULL || kind == SHELL || kind == FROM || kind == BUNDLE || kind == EDF;
}

// One option with its value; `words` is how many arguments it has.
static void take(struct request *request, enum kind kind, char **words, size_t count, const char *value) {
	struct list *list = &request->options;
	if (kind == SHARE) {
		request->share = value;
		list = &request->modes;
	} else if (kind == PULL) {
		request->pull = value;
		list = &request->modes;
	} else if (kind == SHELL) {
		request->shell = value;
		list = &request->modes;
	} else if (kind == FROM) {
		request->from = value;
		list = &request->modes;
	} else if (kind == BUNDLE) {
		request->image = format("bundle:%s", value);
		return;
	} else if (kind == EDF) {
		request->edf = value;
	}
	for (size_t i = 0; i < count; i++) {
		add(list, words[i]);
		if (kind == PLACE) {
			add(&request->places, words[i]);
		}
	}
}

// An option that stands alone, or has its value behind it.
static size_t take_plain(struct request *request, char **at) {
	enum kind kind = kind_of(*at, strlen(*at));
	switch (kind) {
	case TERMINAL:
		if (!isatty(STDIN_FILENO)) {
			fail(format("start it with 'srun --pty', or leave %s out", *at), "cannot give the program a terminal: standard input is no terminal");
		}
		return 1;
	case ACCEPTED: return 1; // As it is in any case.
	case QUIET:
		request->quiet = true;
		add(&request->modes, *at);
		return 1;
	case DEBUG: request->debug = true; break;
	case DRY: request->dry = true; break;
	case INFORMATION: request->information = true; break;
	default: break;
	}
	if (!takes_value(kind)) {
		add(&request->options, *at);
		return 1;
	}
	if (at[1] == NULL) {
		fail("'plurality-exec --help' lists what there is", "cannot use %s: its value is missing", *at);
	}
	take(request, kind, at, 2, at[1]);
	return 2;
}

void parse_request(struct request *request, char **arguments) {
	char **at = arguments;
	for (; *at != NULL && **at == '-'; ) {
		char *equals = strchr(*at, '=');
		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		if (starts_with(*at, "--") && equals != NULL) {
			enum kind kind = kind_of(*at, (size_t)(equals - *at));
			take(request, takes_value(kind) ? kind : PLAIN, at, 1, equals + 1);
			at++;
		} else if ((starts_with(*at, "-B") || starts_with(*at, "-v")) && (*at)[2] != '\0') {
			add(&request->options, *at++);
		} else {
			at += take_plain(request, at);
		}
	}
	for (; *at != NULL; at++) {
		add(&request->rest, *at);
	}
}

bool name_image(struct request *request, const char *defined) {
	size_t names = 0;
	if (request->edf == NULL && request->image == NULL && *defined != '\0') {
		request->edf = defined;
		add(&request->options, "--edf");
		add(&request->options, defined);
	}
	bool bundle = request->image != NULL;
	if (!bundle && request->edf == NULL) {
		if (request->rest.count == 0) {
			return false;
		}
		request->image = request->rest.items[0];
		if (*request->image == '\0') {
			fail("set the variable that it comes from: '\"$IMAGE\"' is empty where IMAGE is not set", "cannot run an image without a name: the argument is empty");
		}
		names = 1;
	}
	if (!bundle && names < request->rest.count && strcmp(request->rest.items[names], "--") == 0) {
		names++;
	}
	for (size_t i = names; i < request->rest.count; i++) {
		add(&request->command, request->rest.items[i]);
	}
	return true;
}
