// SPDX-License-Identifier: Apache-2.0
#include "line.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../message.h"
#include "../variables.h"

#define STATUS_USAGE 1

// The words that clients know, and Apptainer's status for them.
_Noreturn static void misunderstand(const char *command, const char *what, const char *which) {
	dprintf(STDERR_FILENO, "Error for command \"%s\": %s%s\n\nRun 'apptainer --help' for what is understood.\n", command, what, which);
	_exit(STATUS_USAGE);
}

static bool takes_value(enum form form) {
	return form == VALUE || form == LIST || form == ACCEPTED_VALUE || form == REFUSED_VALUE;
}

static bool is_true(const char *text) {
	static const char *const NO[] = {"", "0", "f", "false", "n", "no", "off"};
	for (size_t i = 0; i < sizeof NO / sizeof *NO; i++) {
		if (strcasecmp(text, NO[i]) == 0) {
			return false;
		}
	}
	return true;
}

static const struct option *named(const struct option *option, const char *name, size_t length) {
	for (; option->name != NULL; option++) {
		if (strlen(option->name) == length && strncmp(option->name, name, length) == 0) {
			return option;
		}
	}
	return NULL;
}

static const struct option *lettered(const struct option *option, char letter) {
	for (; option->name != NULL; option++) {
		if (option->letter == letter) {
			return option;
		}
	}
	return NULL;
}

static void take(struct line *line, const struct option *option, const char *value) {
	switch (option->form) {
	case REFUSED:
		if (!is_true(value)) {
			return;
		}
		// fall through
	case REFUSED_VALUE: fail(option->hint, "cannot use --%s: Plurality does not have it", option->name);
	case ACCEPTED:
	case ACCEPTED_VALUE: return;
	default: add(&line->values[option->id], value);
	}
}

// Takes letters behind one dash; returns how many words they and a value have.
static size_t take_letters(struct line *line, const struct option *options, char **words) {
	for (const char *at = words[0] + 1; *at != '\0'; at++) {
		const struct option *option = lettered(options, *at);
		if (option == NULL) {
			misunderstand(line->command, format("unknown shorthand flag: '%c' in ", *at), words[0]);
		}
		if (!takes_value(option->form)) {
			take(line, option, "true");
		} else if (at[1] != '\0') {
			take(line, option, at + 1 + (at[1] == '='));
			return 1;
		} else if (words[1] == NULL) {
			misunderstand(line->command, format("flag needs an argument: '%c' in ", *at), words[0]);
		} else {
			take(line, option, words[1]);
			return 2;
		}
	}
	return 1;
}

static size_t take_name(struct line *line, const struct option *options, char **words) {
	const char *name = words[0] + 2;
	size_t length = strcspn(name, "=");
	const struct option *option = named(options, name, length);
	if (option == NULL) {
		misunderstand(line->command, "unknown flag: --", copy_bytes(name, length));
	}
	if (name[length] == '=') {
		take(line, option, name + length + 1);
		return 1;
	}
	if (!takes_value(option->form)) {
		take(line, option, "true");
		return 1;
	}
	if (words[1] == NULL) {
		misunderstand(line->command, "flag needs an argument: --", copy_bytes(name, length));
	}
	take(line, option, words[1]);
	return 2;
}

void parse_line(struct line *line, const char *command, char **words) {
	const struct option *options = options_of(command);
	line->command = command;
	while (*words != NULL && words[0][0] == '-' && words[0][1] != '\0') {
		if (strcmp(*words, "--") == 0) {
			words++;
			break;
		}
		words += words[0][1] == '-' ? take_name(line, options, words) : take_letters(line, options, words);
	}
	for (; *words != NULL; words++) {
		add(&line->rest, *words);
	}
}

const char *setting_for(const struct list *environment, const char *name) {
	static const char *const PREFIXES[] = {"APPTAINER_", "SINGULARITY_"};
	for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
		const char *value = variable(environment, format("%s%s", PREFIXES[i], name));
		if (value != NULL && *value != '\0') {
			return value;
		}
	}
	return NULL;
}

void add_settings(struct line *line, const struct list *environment) {
	for (const struct option *option = options_of(line->command); option->name != NULL; option++) {
		const char *names = option->variables == NULL ? "" : option->variables;
		// An option with two names is in the table twice, once with its variables.
		bool given = option->form != LIST && line->values[option->id].count > 0;
		while (*names != '\0' && !given) {
			size_t length = strcspn(names, " ");
			const char *value = setting_for(environment, copy_bytes(names, length));
			if (value != NULL) {
				take(line, option, value);
			}
			names += length + (names[length] == ' ');
		}
	}
}

const char *value_for(const struct line *line, enum id id) {
	const struct list *values = &line->values[id];
	return values->count == 0 ? NULL : values->items[values->count - 1];
}

bool is_on(const struct line *line, enum id id) {
	const char *value = value_for(line, id);
	return value != NULL && is_true(value);
}
