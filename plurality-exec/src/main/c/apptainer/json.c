// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *at) {
	return at + strspn(at, " \t\r\n");
}

static void append_character(struct text *text, unsigned long code) {
	char bytes[3];
	if (code < 0x80) {
		bytes[0] = (char)code;
		append_bytes(text, bytes, 1);
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
		append_bytes(text, bytes, 2);
	} else {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		append_bytes(text, bytes, 3);
	}
}

// Reads a string; returns what follows it, or NULL when it is none. `value` may be NULL.
static const char *read_string(const char *at, char **value) {
	static const char LETTERS[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
	struct text text = {0};
	append(&text, "");
	if (*at++ != '"') {
		return NULL;
	}
	for (; *at != '"'; at++) {
		if (*at == '\0') {
			return NULL;
		}
		if (*at != '\\') {
			append_bytes(&text, at, 1);
			continue;
		}
		at++;
		const char *letter = *at == '\0' ? NULL : strchr(LETTERS, *at);
		if (letter != NULL) {
			append_bytes(&text, &MEANT[letter - LETTERS], 1);
		} else if (*at == 'u' && strspn(at + 1, "0123456789abcdefABCDEF") >= 4) {
			append_character(&text, strtoul(copy_bytes(at + 1, 4), NULL, 16));
			at += 4;
		} else {
			return NULL;
		}
	}
	if (value != NULL) {
		*value = text.bytes;
	}
	return at + 1;
}

// Returns what follows a value, or NULL.
static const char *skip_value(const char *at) {
	int depth = 0;
	do {
		at = skip_blanks(at);
		if (*at == '"') {
			at = read_string(at, NULL);
			if (at == NULL) {
				return NULL;
			}
		} else if (*at == '{' || *at == '[') {
			depth++;
			at++;
		} else if (*at == '}' || *at == ']') {
			depth--;
			at++;
		} else if (*at == ',' || *at == ':') {
			at++;
		} else {
			size_t length = strcspn(at, ",:]}[{\" \t\r\n");
			if (length == 0) {
				return NULL;
			}
			at += length;
		}
	} while (depth > 0);
	return depth < 0 ? NULL : at;
}

// Reads a member's name; returns its value, or NULL at the object's end.
static const char *next_member(const char *at, char **name) {
	at = skip_blanks(at);
	at = skip_blanks(at + (*at == ',' || *at == '{'));
	at = *at == '"' ? read_string(at, name) : NULL;
	at = at == NULL ? NULL : skip_blanks(at);
	return at == NULL || *at != ':' ? NULL : skip_blanks(at + 1);
}

const char *member_of(const char *object, const char *name) {
	char *found;
	for (const char *at = skip_blanks(object); at != NULL && (at = next_member(at, &found)) != NULL; at = skip_value(at)) {
		if (strcmp(found, name) == 0) {
			return at;
		}
	}
	return NULL;
}

char *string_in(const char *object, const char *name) {
	const char *at = member_of(object, name);
	char *value = NULL;
	return at == NULL || read_string(at, &value) == NULL ? NULL : value;
}

bool add_array(const char *array, struct list *strings) {
	char *value;
	if (array == NULL || *array != '[') {
		return false;
	}
	for (const char *at = skip_blanks(array + 1); *at != ']'; at = skip_blanks(at + (*at == ','))) {
		at = read_string(at, &value);
		if (at == NULL) {
			return false;
		}
		add(strings, value);
		at = skip_blanks(at);
	}
	return true;
}

bool add_members(const char *object, struct list *strings) {
	char *name, *value;
	if (object == NULL || *object != '{') {
		return false;
	}
	for (const char *at = object; at != NULL && (at = next_member(at, &name)) != NULL; at = skip_value(at)) {
		if (read_string(at, &value) != NULL) {
			add(strings, name);
			add(strings, value);
		}
	}
	return true;
}
