// SPDX-License-Identifier: Apache-2.0
#include "facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

bool is_as_copied(int plan, const struct entry *entry) {
	size_t was_length = 0, length = 0;
	const char *was = read_own(plan, format("facts.d/%s", entry->copy), &was_length), *now = read_host(AT_FDCWD, entry->path, &length);
	return was != NULL && now != NULL && length > 0 && length == was_length && memcmp(was, now, length) == 0;
}

// "WORD REST" in two strings; false without a blank.
static bool split(char *value, const char **word, const char **rest) {
	char *blank = strchr(value, ' ');
	if (blank == NULL) {
		return false;
	}
	*blank = '\0';
	*word = value;
	*rest = blank + 1;
	return true;
}

static bool is_state(char *value) {
	const char *wanted, *path;
	struct stat status;
	return split(value, &wanted, &path) && lstat(path, &status) == 0 && strcmp(wanted, format("%u:%x", status.st_uid, status.st_mode)) == 0;
}

// Whether a name of a cache is absent. An NFS client believes for up to 60 s that a name is absent which another host
// may have made since; opening a directory makes it ask the server.
static bool is_missing(const char *path) {
	char *directory = copy_of(path);
	for (char *slash = strchr(directory + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int at = open(directory, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
		if (at >= 0) {
			close(at);
		}
		*slash = '/';
	}
	return access(path, F_OK) != 0;
}

// Facts about one path.
static bool holds(const char *name, const char *path) {
	struct stat own, target;
	bool there = lstat(path, &own) == 0, leads = stat(path, &target) == 0;
	bool linked = there && S_ISLNK(own.st_mode);
	if (strcmp(name, "directory") == 0) {
		return there && S_ISDIR(own.st_mode);
	}
	if (strcmp(name, "file") == 0) {
		return there && !linked && !S_ISDIR(own.st_mode);
	}
	if (strcmp(name, "executable") == 0) {
		return leads && S_ISREG(target.st_mode) && access(path, X_OK) == 0;
	}
	if (strcmp(name, "absent") == 0) {
		return !leads;
	}
	if (strcmp(name, "missing") == 0) {
		return !leads && is_missing(path);
	}
	if (strcmp(name, "nofile") == 0) {
		return !leads || !S_ISREG(target.st_mode);
	}
	return strcmp(name, "own") == 0 && there && S_ISDIR(own.st_mode) && own.st_uid == geteuid();
}

bool facts_hold(int plan, struct lease *lease, struct entry *entry) {
	char *text = read_own(plan, "facts", NULL), *name, *value;
	const char *link = "";
	bool whole = false;
	while (text != NULL && next_line(&text, &name, &value)) {
		if (strcmp(name, "same") == 0) {
			if (!split(value, &entry->copy, &entry->path) || strchr(entry->copy, '/') != NULL || !is_as_copied(plan, entry)) {
				return false;
			}
		} else if (strcmp(name, "link") == 0) {
			link = value;
		} else if (strcmp(name, "real") == 0) {
			if (!is_same(AT_FDCWD, link, AT_FDCWD, value)) {
				return false;
			}
		} else if (strcmp(name, "state") == 0) {
			if (!is_state(value)) {
				return false;
			}
		} else if (strcmp(name, "leases") == 0) {
			lease->directory = value;
		} else if (strcmp(name, "umask") == 0) {
			lease->umask = value;
		} else if (strcmp(name, "digest") == 0) {
			lease->digest = value;
		} else if (strcmp(name, "user") == 0) {
			lease->user = value;
		} else if (strcmp(name, "end") == 0) {
			whole = true;
		} else if (!holds(name, value)) {
			return false;
		}
	}
	return whole && lease->directory != NULL && lease->digest != NULL && *lease->digest != '\0' && lease->user != NULL && entry->path != NULL;
}
