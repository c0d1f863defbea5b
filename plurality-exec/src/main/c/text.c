// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

void *allocate(size_t bytes) {
	void *memory = calloc(1, bytes > 0 ? bytes : 1);
	if (memory == NULL) {
		fail("raise the limit on memory (ulimit -v)", "cannot go on: there is no memory left");
	}
	return memory;
}

char *copy_bytes(const char *bytes, size_t length) {
	char *copy = allocate(length + 1);
	memcpy(copy, bytes, length);
	return copy;
}

char *copy_of(const char *string) {
	return copy_bytes(string, strlen(string));
}

char *format(const char *format, ...) {
	va_list values;
	char *string = NULL;
	va_start(values, format);
	int length = vasprintf(&string, format, values);
	va_end(values);
	if (length < 0 || string == NULL) {
		fail("raise the limit on memory (ulimit -v)", "cannot go on: there is no memory left");
	}
	return string;
}

void append_bytes(struct text *text, const char *bytes, size_t length) {
	if (text->length + length + 1 > text->room) {
		size_t room = (text->length + length + 1) * 2;
		char *larger = allocate(room);
		if (text->bytes != NULL) {
			memcpy(larger, text->bytes, text->length);
			free(text->bytes);
		}
		text->bytes = larger;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void append(struct text *text, const char *string) {
	append_bytes(text, string, strlen(string));
}

void add(struct list *list, const char *string) {
	if (list->count + 2 > list->room) {
		size_t room = list->room < 16 ? 32 : list->room * 2;
		char **larger = allocate(room * sizeof(char *));
		if (list->items != NULL) {
			memcpy(larger, list->items, list->count * sizeof(char *));
			free(list->items);
		}
		list->items = larger;
		list->room = room;
	}
	list->items[list->count++] = (char *)string;
	list->items[list->count] = NULL;
}

void add_all(struct list *list, const struct list *more) {
	for (size_t i = 0; i < more->count; i++) {
		add(list, more->items[i]);
	}
}

void add_strings(struct list *list, const char *bytes, size_t length) {
	for (size_t at = 0; at < length;) {
		size_t part = strnlen(bytes + at, length - at);
		add(list, copy_bytes(bytes + at, part));
		at += part + 1;
	}
}

bool starts_with(const char *string, const char *beginning) {
	return strncmp(string, beginning, strlen(beginning)) == 0;
}

bool ends_with(const char *string, const char *end) {
	size_t length = strlen(string), tail = strlen(end);
	return length >= tail && strcmp(string + length - tail, end) == 0;
}

bool parse_number(const char *string, unsigned long long most, unsigned long long *number) {
	*number = 0;
	if (*string == '\0') {
		return false;
	}
	for (; *string != '\0'; string++) {
		if (*string < '0' || *string > '9') {
			return false;
		}
		unsigned digit = (unsigned)(*string - '0');
		if (*number > most / 10 || *number * 10 > most - digit) {
			return false;
		}
		*number = *number * 10 + digit;
	}
	return true;
}

bool next_line(char **at, char **name, char **value) {
	if (**at == '\0') {
		return false;
	}
	char *line = *at;
	char *end = strchr(line, '\n');
	*at = end == NULL ? line + strlen(line) : end + 1;
	if (end != NULL) {
		*end = '\0';
	}
	*name = line;
	char *blank = strchr(line, ' ');
	*value = blank == NULL ? line + strlen(line) : blank + 1;
	if (blank != NULL) {
		*blank = '\0';
	}
	return true;
}

char *hash_of(const char *text) {
	const unsigned __int128 prime = ((unsigned __int128)1 << 88) + 0x13b;
	unsigned __int128 value = ((unsigned __int128)0x6c62272e07bb0142ULL << 64) + 0x62b821756295c58dULL;
	for (; *text != '\0'; text++) {
		value = (value ^ (unsigned char)*text) * prime;
	}
	return format("%016llx%016llx", (unsigned long long)(value >> 64), (unsigned long long)value);
}
