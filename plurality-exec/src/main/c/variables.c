// SPDX-License-Identifier: Apache-2.0
#include "variables.h"

#include <string.h>

static bool has_name(const char *item, const char *name, size_t length) {
	return strncmp(item, name, length) == 0 && item[length] == '=';
}

const char *variable(const struct list *variables, const char *name) {
	size_t length = strlen(name);
	for (size_t i = 0; i < variables->count; i++) {
		if (has_name(variables->items[i], name, length)) {
			return variables->items[i] + length + 1;
		}
	}
	return NULL;
}

const char *value_of(const struct list *variables, const char *name) {
	const char *value = variable(variables, name);
	return value == NULL ? "" : value;
}

static void remove_name(struct list *variables, const char *name, size_t length) {
	size_t kept = 0;
	for (size_t i = 0; i < variables->count; i++) {
		if (!has_name(variables->items[i], name, length)) {
			variables->items[kept++] = variables->items[i];
		}
	}
	variables->count = kept;
	if (variables->items != NULL) {
		variables->items[kept] = NULL;
	}
}

void unset_variable(struct list *variables, const char *name) {
	remove_name(variables, name, strlen(name));
}

void set_variable(struct list *variables, const char *name, const char *value) {
	unset_variable(variables, name);
	add(variables, format("%s=%s", name, value));
}

void set_variables(struct list *variables, const struct list *others) {
	for (size_t i = 0; i < others->count; i++) {
		const char *equals = strchr(others->items[i], '=');
		if (equals != NULL) {
			remove_name(variables, others->items[i], (size_t)(equals - others->items[i]));
			add(variables, others->items[i]);
		}
	}
}

static bool fits(const char *name, size_t length, const char *pattern) {
	while (true) {
		size_t part = strcspn(pattern, "|");
		if (part > 0 && pattern[part - 1] == '*') {
			if (length >= part - 1 && strncmp(name, pattern, part - 1) == 0) {
				return true;
			}
		} else if (length == part && strncmp(name, pattern, part) == 0) {
			return true;
		}
		if (pattern[part] == '\0') {
			return false;
		}
		pattern += part + 1;
	}
}

static void keep_those(struct list *variables, const char *pattern, bool fitting) {
	size_t kept = 0;
	for (size_t i = 0; i < variables->count; i++) {
		if (fits(variables->items[i], strcspn(variables->items[i], "="), pattern) == fitting) {
			variables->items[kept++] = variables->items[i];
		}
	}
	variables->count = kept;
	if (variables->items != NULL) {
		variables->items[kept] = NULL;
	}
}

void keep_variables(struct list *variables, const char *pattern) {
	keep_those(variables, pattern, true);
}

void drop_variables(struct list *variables, const char *pattern) {
	keep_those(variables, pattern, false);
}
