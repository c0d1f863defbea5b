// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

#define OTHERS_MAY_WRITE (S_IWGRP | S_IWOTH)

bool is_own_directory(const struct stat *status) {
	return S_ISDIR(status->st_mode) && status->st_uid == geteuid() && (status->st_mode & OTHERS_MAY_WRITE) == 0;
}

int open_own_directory(int at, const char *name) {
	struct stat status;
	int directory = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory >= 0 && (fstat(directory, &status) != 0 || !is_own_directory(&status))) {
		close(directory);
		errno = EPERM;
		return -1;
	}
	return directory;
}

// Numbers of groups below this are the system's: whom it puts in them, it trusts.
#define FIRST_GROUP 1000
#define UNKNOWN_GROUP 65534

// A sticky directory lets nobody rename what is another's.
static bool is_open_to_others(const struct stat *status) {
	bool group = (status->st_mode & S_IWGRP) != 0 && status->st_gid >= FIRST_GROUP && status->st_gid != UNKNOWN_GROUP;
	return (status->st_mode & S_ISVTX) == 0 && (group || (status->st_mode & S_IWOTH) != 0);
}

static bool is_way_open(const char *path) {
	char *way = copy_of(path);
	struct stat status;
	bool open = stat("/", &status) == 0 && is_open_to_others(&status);
	for (char *slash = strchr(way + 1, '/'); slash != NULL && !open; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		open = stat(way, &status) == 0 && is_open_to_others(&status);
		*slash = '/';
	}
	return open;
}

bool may_be_swapped(const char *path) {
	char real[PATH_MAX];
	return is_way_open(path) || (realpath(path, real) != NULL && strcmp(real, path) != 0 && is_way_open(real));
}

int open_own(int at, const char *name) {
	struct stat status;
	int file = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file < 0) {
		return -1;
	}
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & OTHERS_MAY_WRITE) != 0) {
		close(file);
		errno = EPERM;
		return -1;
	}
	return file;
}

char *read_some(int descriptor, size_t most, size_t *length) {
	struct text text = {0};
	char part[1 << 14];
	ssize_t got = 0;
	append_bytes(&text, "", 0);
	while (text.length <= most) {
		got = read(descriptor, part, sizeof part);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			break;
		}
		append_bytes(&text, part, (size_t)got);
	}
	if (got < 0 || text.length > most) {
		errno = got < 0 ? errno : EFBIG;
		free(text.bytes);
		return NULL;
	}
	if (length != NULL) {
		*length = text.length;
	}
	return text.bytes;
}

static char *read_and_close(int file, size_t most, size_t *length) {
	if (file < 0) {
		return NULL;
	}
	char *bytes = read_some(file, most, length);
	int error = errno;
	close(file);
	errno = error;
	return bytes;
}

char *read_own(int at, const char *name, size_t *length) {
	return read_and_close(open_own(at, name), OWN_MOST, length);
}

char *read_host(int at, const char *name, size_t *length) {
	return read_and_close(openat(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), HOST_MOST, length);
}

bool write_all(int descriptor, const char *bytes, size_t length) {
	while (length > 0) {
		ssize_t written = write(descriptor, bytes, length);
		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return true;
}

bool write_file(int at, const char *name, const char *bytes, size_t length, bool fresh) {
	int file = openat(at, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (fresh ? O_EXCL : O_TRUNC), 0600);
	if (file < 0) {
		return false;
	}
	bool well = fchmod(file, 0600) == 0 && write_all(file, bytes, length);
	int error = errno;
	if (close(file) != 0 && well) {
		error = errno;
		well = false;
	}
	if (!well && fresh) {
		unlinkat(at, name, 0);
	}
	errno = error;
	return well;
}

bool write_text(int at, const char *name, const char *text) {
	return write_file(at, name, text, strlen(text), false);
}

bool exists(int at, const char *name) {
	return faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_same(int at, const char *one, int other_at, const char *other) {
	struct stat first, second;
	return fstatat(at, one, &first, 0) == 0 && fstatat(other_at, other, &second, 0) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

struct walk walk_in(int at, const char *name) {
	int directory = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = directory < 0 ? NULL : fdopendir(directory);
	if (entries == NULL && directory >= 0) {
		close(directory);
	}
	return (struct walk){entries, NULL, entries == NULL ? -1 : directory};
}

bool next_name(struct walk *walk) {
	const struct dirent *entry;
	while (walk->entries != NULL && (entry = readdir(walk->entries)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			walk->name = entry->d_name;
			return true;
		}
	}
	end_walk(walk);
	return false;
}

void end_walk(struct walk *walk) {
	if (walk->entries != NULL) {
		closedir(walk->entries);
	}
	*walk = (struct walk){NULL, NULL, -1};
}

bool remove_tree(int at, const char *name) {
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT) {
		return true;
	}
	struct walk walk = walk_in(at, name);
	if (walk.entries == NULL) {
		return false;
	}
	// Directories of an underlay may not be written to (bundle.Skeleton).
	fchmod(walk.at, 0700);
	while (next_name(&walk)) {
		remove_tree(walk.at, walk.name);
	}
	return unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

void remove_entries(int at, const char *beginning) {
	for (struct walk walk = walk_in(at, "."); next_name(&walk);) {
		if (strncmp(walk.name, beginning, strlen(beginning)) == 0) {
			remove_tree(at, walk.name);
		}
	}
}

static bool copy_file(int from, int to, const char *name, mode_t mode) {
	size_t length = 0;
	int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *bytes = read_and_close(source, OWN_MOST, &length);
	bool well = bytes != NULL && write_file(to, name, bytes, length, false) && fchmodat(to, name, mode & 0755, 0) == 0;
	free(bytes);
	return well;
}

static bool copy_link(int from, int to, const char *name) {
	char target[PATH_MAX];
	ssize_t length = readlinkat(from, name, target, sizeof target - 1);
	if (length < 0) {
		return false;
	}
	target[length] = '\0';
	return symlinkat(target, to, name) == 0;
}

static bool copy_directory(int from, int to, const char *name, mode_t mode) {
	if (mkdirat(to, name, 0700) != 0 && errno != EEXIST) {
		return false;
	}
	int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool well = source >= 0 && target >= 0 && copy_tree(source, target) && fchmod(target, mode & 0755) == 0;
	if (source >= 0) {
		close(source);
	}
	if (target >= 0) {
		close(target);
	}
	return well;
}

bool copy_into(int from, int to, const char *name, bool needed) {
	struct stat status;
	if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return errno == ENOENT && !needed;
	}
	if (S_ISDIR(status.st_mode)) {
		return copy_directory(from, to, name, status.st_mode);
	}
	return S_ISLNK(status.st_mode) ? copy_link(from, to, name) : S_ISREG(status.st_mode) && copy_file(from, to, name, status.st_mode);
}

bool copy_tree(int from, int to) {
	struct walk walk = walk_in(from, ".");
	bool well = walk.entries != NULL;
	while (well && next_name(&walk)) {
		well = copy_into(from, to, walk.name, true);
	}
	end_walk(&walk);
	return well;
}

void close_from(int first) {
	if (syscall(SYS_close_range, first, ~0U, 0) == 0) {
		return;
	}
	// Before Linux 5.9.
	for (struct walk walk = walk_in(AT_FDCWD, "/proc/self/fd"); next_name(&walk);) {
		int descriptor = atoi(walk.name);
		if (descriptor >= first && descriptor != walk.at) {
			close(descriptor);
		}
	}
}
