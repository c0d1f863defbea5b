// SPDX-License-Identifier: Apache-2.0
#include "chosen.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../variables.h"

static size_t name_length(const char *text) {
	size_t length = 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_') {
		length++;
	}
	return length == 0 || isdigit((unsigned char)*text) ? 0 : length;
}

// At commas outside of double quotes; two quotes in quotes are one.
static void split_commas(const char *text, struct list *fields) {
	struct text field = {0};
	bool quoted = false;
	append(&field, "");
	for (; *text != '\0'; text++) {
		if (*text == '"' && quoted && text[1] == '"') {
			append_bytes(&field, text++, 1);
		} else if (*text == '"' && (quoted || field.length == 0)) {
			quoted = !quoted;
		} else if (*text == ',' && !quoted) {
			add(fields, field.bytes);
			field = (struct text){0};
			append(&field, "");
		} else {
			append_bytes(&field, text, 1);
		}
	}
	add(fields, field.bytes);
}

void split_variables(const char *text, struct list *variables) {
	struct list fields = {0};
	const char *first = strchr(text, '=');
	if (first != NULL && strchr(first + 1, '=') == NULL) {
		// A single pair may have commas in its value.
		size_t length = strlen(text);
		bool quoted = length > 1 && *text == '"' && text[length - 1] == '"';
		add(&fields, quoted ? copy_bytes(text + 1, length - 2) : text);
	} else {
		split_commas(text, &fields);
	}
	for (size_t i = 0; i < fields.count; i++) {
		const char *equals = strchr(fields.items[i], '=');
		if (equals == NULL || equals == fields.items[i]) {
			fail("write --env NAME=VALUE, or --env NAME=VALUE,NAME=VALUE", "cannot set a variable: '%s' in --env is not NAME=VALUE", fields.items[i]);
		}
		add(variables, fields.items[i]);
	}
}

static void set(struct list *variables, const char *variable) {
	const char *equals = strchr(variable, '=');
	set_variable(variables, copy_bytes(variable, (size_t)(equals - variable)), equals + 1);
}

// Variables of the caller that set one of the container; the first prefix wins over the second.
static void take_prefixed(struct list *environment, struct list *variables) {
	static const char *const PREFIXES[] = {"SINGULARITYENV_", "APPTAINERENV_"};
	struct list others = {0};
	for (size_t p = 0; p < 2; p++) {
		for (size_t i = 0; i < environment->count; i++) {
			const char *item = environment->items[i];
			if (!starts_with(item, PREFIXES[p]) || item[strlen(PREFIXES[p])] == '=') {
				continue;
			}
			const char *own = item + strlen(PREFIXES[p]), *equals = strchr(own, '=');
			const char *name = equals == NULL ? own : copy_bytes(own, (size_t)(equals - own));
			const char *before = p == 0 || equals == NULL ? NULL : variable(variables, name);
			if (before != NULL && strcmp(before, equals + 1) != 0) {
				complain_briefly("note: SINGULARITYENV_%s and APPTAINERENV_%s have different values: the latter counts", name, name);
			}
			if (equals != NULL && strcmp(name, "HOME") == 0) {
				complain_briefly("note: %sHOME has no effect: use --home to move the home directory", PREFIXES[p]);
			} else if (equals != NULL) {
				set(variables, own);
			}
		}
	}
	for (size_t i = 0; i < environment->count; i++) {
		if (!starts_with(environment->items[i], PREFIXES[0]) && !starts_with(environment->items[i], PREFIXES[1])) {
			add(&others, environment->items[i]);
		}
	}
	*environment = others;
}

// Has the host's shell read the file, as Apptainer has one of its own do; returns all variables that it then has.
static void evaluate_file(const char *file, const struct list *environment, struct list *result) {
	int ends[2], status = 0;
	size_t length = 0;
	const char *path = strchr(file, '/') == NULL ? format("./%s", file) : file;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot read %s: %s", file, reason());
	}
	pid_t child = fork();
	if (child == 0) {
		char *const command[] = {"sh", "-c", "set -a; . \"$1\" >&2 && exec /usr/bin/env -0", "sh", (char *)path, NULL};
		dup2(ends[1], STDOUT_FILENO);
		execve("/bin/sh", command, environment->items);
		_exit(127);
	}
	close(ends[1]);
	const char *bytes = read_some(ends[0], OWN_MOST, &length);
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0 || bytes == NULL) {
		fail("write it as a shell would read it: NAME=VALUE, a line each", "cannot read the variables in %s: a shell does not understand it", file);
	}
	add_strings(result, bytes, length);
}

static void take_file(const char *file, const struct list *environment, struct chosen *chosen) {
	struct list result = {0};
	const char *text = read_host(AT_FDCWD, file, NULL);
	if (text == NULL) {
		fail("check the path that --env-file names", "cannot read the variables in %s: %s", file, reason());
	}
	evaluate_file(file, environment, &result);
	while (*text != '\0') {
		const char *name = text + strspn(text, " \t");
		name += starts_with(name, "export ") ? strlen("export ") : 0;
		size_t length = name_length(name);
		if (length > 0 && name[length] == '=') {
			const char *own = copy_bytes(name, length), *value = variable(&result, own);
			if (value != NULL) {
				set_variable(&chosen->variables, own, value);
				add(&chosen->plain, own);
			}
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

void choose_variables(const struct line *line, struct list *environment, struct chosen *chosen) {
	struct list given = {0};
	take_prefixed(environment, &chosen->variables);
	for (size_t i = 0; i < line->values[ENV_FILE].count; i++) {
		take_file(line->values[ENV_FILE].items[i], environment, chosen);
	}
	for (size_t i = 0; i < line->values[ENV].count; i++) {
		split_variables(line->values[ENV].items[i], &given);
	}
	for (size_t i = 0; i < given.count; i++) {
		set(&chosen->variables, given.items[i]);
	}
}

bool needs_shell(const char *value) {
	return strpbrk(value, "$`\\") != NULL;
}

bool is_plain_variable(const struct chosen *chosen, const char *variable) {
	size_t length = strcspn(variable, "=");
	for (size_t i = 0; i < chosen->plain.count; i++) {
		if (strlen(chosen->plain.items[i]) == length && strncmp(chosen->plain.items[i], variable, length) == 0) {
			return true;
		}
	}
	return false;
}

bool append_export(struct text *script, const char *variable, bool plain) {
	static const char PREPEND[] = "PREPEND_PATH", APPEND[] = "APPEND_PATH";
	size_t length = name_length(variable);
	if (length == 0 || variable[length] != '=') {
		return false;
	}
	const char *value = variable + length + 1, *name = copy_bytes(variable, length);
	bool before = strcmp(name, PREPEND) == 0, behind = strcmp(name, APPEND) == 0;
	append(script, format("export %s=", before || behind ? "PATH" : name));
	append(script, behind ? "\"$PATH\":" : "");
	append(script, plain ? "'" : "\"");
	for (; *value != '\0'; value++) {
		if (plain && *value == '\'') {
			append(script, "'\\''");
		} else {
			append(script, !plain && *value == '"' ? "\\" : "");
			append_bytes(script, value, 1);
		}
	}
	append(script, plain ? "'" : "\"");
	append(script, before ? ":\"$PATH\"; " : "; ");
	return true;
}
