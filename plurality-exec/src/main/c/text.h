// SPDX-License-Identifier: Apache-2.0
// Strings and lists that grow. Nothing is freed: a launcher lives for milliseconds, and its monitor allocates
// only at its start.
#ifndef PLURALITY_TEXT_H
#define PLURALITY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// Bytes, ended by a NUL that is not counted.
struct text {
	char *bytes;
	size_t length;
	size_t room;
};

// Strings, ended by a NULL that is not counted: what execve takes.
struct list {
	char **items;
	size_t count;
	size_t room;
};

// Allocates, or ends the process with 125.
void *allocate(size_t bytes);
char *copy_of(const char *string);
char *copy_bytes(const char *bytes, size_t length);

// Returns a new string in printf's format.
char *format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

void append(struct text *text, const char *string);
void append_bytes(struct text *text, const char *bytes, size_t length);

void add(struct list *list, const char *string);
void add_all(struct list *list, const struct list *more);
// Adds what lies between the NULs of a file's bytes.
void add_strings(struct list *list, const char *bytes, size_t length);

bool starts_with(const char *string, const char *beginning);
bool ends_with(const char *string, const char *end);
// Parses decimal digits only, at most `most`.
bool parse_number(const char *string, unsigned long long most, unsigned long long *number);

// Returns 128 bits in hexadecimal digits (FNV-1a), which tell texts apart that nobody makes to collide.
char *hash_of(const char *text);

// Splits bytes into lines of a name, a blank and a value that goes on to the line's end. Returns false behind
// the last line; `at` begins with the bytes and is written into.
bool next_line(char **at, char **name, char **value);

#endif
