// SPDX-License-Identifier: Apache-2.0
#include "targets.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void add_target(struct targets *targets, const char *source, const char *destination) {
	add(&targets->sources, source);
	add(&targets->destinations, destination);
}

static char *absolute(const char *path, const char *here) {
	return *path == '/' ? copy_of(path) : format("%s/%s", here, path);
}

// Takes what precedes one of the separators, without backslashes in front of them. `at` moves behind it.
static char *take_part(const char **at, const char *separators) {
	struct text part = {0};
	append(&part, "");
	for (; **at != '\0' && strchr(separators, **at) == NULL; (*at)++) {
		*at += **at == '\\' && (*at)[1] != '\0' && strchr(",:\\", (*at)[1]) != NULL;
		append_bytes(&part, *at, 1);
	}
	return part.bytes;
}

void add_bind_targets(struct targets *targets, const char *value, const char *here) {
	for (const char *at = value; *at != '\0'; at += *at == ',') {
		char *source = take_part(&at, ",:"), *destination = NULL;
		if (*at == ':') {
			at++;
			destination = take_part(&at, ",:");
		}
		if (*at == ':') {
			at++;
			take_part(&at, ",");
		}
		if (*source != '\0') {
			source = absolute(source, here);
			add_target(targets, source, destination == NULL || *destination == '\0' ? source : destination);
		}
	}
}

static bool has_name(const char *field, const char *const *names, const char **value) {
	size_t length = strcspn(field, "=");
	for (; *names != NULL; names++) {
		if (strlen(*names) == length && strncmp(*names, field, length) == 0 && field[length] == '=') {
			*value = field + length + 1;
			return true;
		}
	}
	return false;
}

void add_mount_target(struct targets *targets, const char *value, const char *here) {
	static const char *const SOURCES[] = {"source", "src", NULL}, *const DESTINATIONS[] = {"destination", "dst", "target", NULL};
	const char *source = NULL, *destination = NULL, *ignored;
	if (strchr(value, '"') != NULL) {
		return;
	}
	char *fields = copy_of(value);
	for (char *field = strtok(fields, ","); field != NULL; field = strtok(NULL, ",")) {
		ignored = NULL;
		if (has_name(field, SOURCES, &ignored)) {
			source = ignored;
		} else if (has_name(field, DESTINATIONS, &ignored)) {
			destination = ignored;
		}
	}
	if (source != NULL && destination != NULL) {
		add_target(targets, absolute(source, here), destination);
	}
}

// Returns how much of a path a directory is, or 0 when the path is not below it.
static size_t covered(const char *path, const char *directory) {
	size_t length = strlen(directory);
	while (length > 1 && directory[length - 1] == '/') {
		length--;
	}
	return length > 1 && strncmp(path, directory, length) == 0 && path[length] == '/' ? length : 0;
}

static void make_point(const char *root, const char *below, bool directory) {
	int at = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *path = copy_of(below + strspn(below, "/"));
	// A path with links or dots in it could lead elsewhere.
	for (char *part = path, *end; at >= 0 && *part != '\0'; part = end) {
		size_t length = strcspn(part, "/");
		end = part + length + strspn(part + length, "/");
		bool last = *end == '\0';
		part[length] = '\0';
		if (strcmp(part, "..") == 0) {
			break;
		}
		if (last && !directory) {
			int file = openat(at, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
			if (file >= 0) {
				close(file);
			}
			break;
		}
		mkdirat(at, part, 0755);
		int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
	}
	if (at >= 0) {
		close(at);
	}
}

void make_targets(const struct targets *targets) {
	for (size_t i = 0; i < targets->destinations.count; i++) {
		const char *destination = targets->destinations.items[i], *root = NULL;
		size_t length = 0;
		struct stat status;
		for (size_t j = 0; j < targets->destinations.count; j++) {
			size_t part = covered(destination, targets->destinations.items[j]);
			if (part > length) {
				length = part;
				root = targets->sources.items[j];
			}
		}
		if (root != NULL && stat(targets->sources.items[i], &status) == 0) {
			make_point(root, destination + length, S_ISDIR(status.st_mode));
		}
	}
}
