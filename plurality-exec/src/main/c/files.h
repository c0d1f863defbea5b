// SPDX-License-Identifier: Apache-2.0
// Files by descriptors. Every file that is believed is a regular file of the user's that nobody else may write;
// no link is followed.
#ifndef PLURALITY_FILES_H
#define PLURALITY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

// Most bytes that are read of a file of the launcher's own, and of one of the host's.
#define OWN_MOST ((size_t)4 << 20)
#define HOST_MOST ((size_t)64 << 20)

// Whether it is a real directory of the user's that nobody else may write.
bool is_own_directory(const struct stat *status);
// Opens a directory that is one's own and closed to others; returns -1 with errno set (EPERM when it is not).
int open_own_directory(int at, const char *name);
// Whether others could put something else in this path's place: they may write to a directory on the way to it.
bool may_be_swapped(const char *path);
// Opens a file that is believed; returns -1 with errno set.
int open_own(int at, const char *name);

// Read a whole file into new memory, ended by a NUL that `length` (may be NULL) does not count; return NULL
// with errno set.
char *read_own(int at, const char *name, size_t *length);
char *read_host(int at, const char *name, size_t *length);
// Returns the first `most` bytes of a descriptor.
char *read_some(int descriptor, size_t most, size_t *length);

// Writes a file with mode 0600 that is there whole or, on an error, not at all where `fresh`: then it must not
// exist before. Returns false with errno set.
bool write_file(int at, const char *name, const char *bytes, size_t length, bool fresh);
bool write_text(int at, const char *name, const char *text);
bool write_all(int descriptor, const char *bytes, size_t length);

// A look through a directory: for (struct walk walk = walk_in(at, name); next_name(&walk);). What cannot be opened has
// no names; a link is not followed. `.` and `..` are left out.
struct walk {
	void *entries;
	const char *name;
	int at;
};
struct walk walk_in(int at, const char *name);
// Whether there is one more, in `name`; the directory is open in `at`. Closes it behind the last one.
bool next_name(struct walk *walk);
// For those who leave before that.
void end_walk(struct walk *walk);

bool exists(int at, const char *name);
// Whether two paths lead to one file; both are followed.
bool is_same(int at, const char *one, int other_at, const char *other);

// Removes a file, or a directory with all below it. Returns false when something stays.
bool remove_tree(int at, const char *name);
// Removes what a directory has whose names begin so.
void remove_entries(int at, const char *beginning);
// Copies the files, directories and links in one directory into another.
bool copy_tree(int from, int to);
// Copies one of them. One that is not there is an error only if it is `needed`.
bool copy_into(int from, int to, const char *name, bool needed);

// Closes all descriptors from this one on.
void close_from(int first);

#endif
