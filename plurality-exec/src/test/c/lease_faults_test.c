// SPDX-License-Identifier: Apache-2.0
// Every error of the contract's table at the launcher's system calls of each step. The linker puts the functions below
// in front of the C library's (the Makefile's WRAPPED).
#include "../../main/c/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../main/c/files.h"
#include "../../main/c/process.h"
#include "../../main/c/variables.h"
#include "check.h"

// The next call of this step fails, or each one.
static struct {
	const char *step;
	int error;
	bool lasts;
	int made;
} fault;

static bool fails(const char *step) {
	if (fault.step == NULL || strcmp(fault.step, step) != 0 || (fault.made > 0 && !fault.lasts)) {
		return false;
	}
	fault.made++;
	errno = fault.error;
	return true;
}

int __real_openat(int at, const char *name, int flags, mode_t mode);
int __real_open(const char *name, int flags, mode_t mode);
int __real_fstatat(int at, const char *name, struct stat *status, int flags);
int __real_fchmod(int file, mode_t mode);
ssize_t __real_write(int file, const void *bytes, size_t length);
int __real_close(int file);
int __real_renameat(int from, const char *old, int to, const char *new);
int __wrap_openat(int at, const char *name, int flags, mode_t mode);
int __wrap_open(const char *name, int flags, mode_t mode);
int __wrap_fstatat(int at, const char *name, struct stat *status, int flags);
int __wrap_fchmod(int file, mode_t mode);
ssize_t __wrap_write(int file, const void *bytes, size_t length);
int __wrap_close(int file);
int __wrap_renameat(int from, const char *old, int to, const char *new);

static bool is_written(int file) {
	return (fcntl(file, F_GETFL) & O_ACCMODE) == O_WRONLY;
}

int __wrap_openat(int at, const char *name, int flags, mode_t mode) {
	return (flags & O_CREAT) != 0 && fails("create") ? -1 : __real_openat(at, name, flags, mode);
}

int __wrap_open(const char *name, int flags, mode_t mode) {
	return (flags & O_DIRECTORY) != 0 && fails("directory") ? -1 : __real_open(name, flags, mode);
}

int __wrap_fstatat(int at, const char *name, struct stat *status, int flags) {
	return ends_with(name, ".json") && fails("look") ? -1 : __real_fstatat(at, name, status, flags);
}

int __wrap_fchmod(int file, mode_t mode) {
	return fails("mode") ? -1 : __real_fchmod(file, mode);
}

ssize_t __wrap_write(int file, const void *bytes, size_t length) {
	return is_written(file) && fails("write") ? -1 : __real_write(file, bytes, length);
}

// An error of close comes after the descriptor is free.
int __wrap_close(int file) {
	bool fail = is_written(file) && fails("close");
	int error = errno, status = __real_close(file);
	errno = fail ? error : errno;
	return fail ? -1 : status;
}

int __wrap_renameat(int from, const char *old, int to, const char *new) {
	return fails("rename") ? -1 : __real_renameat(from, old, to, new);
}

static int number_of(const char *name) {
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"EPERM", EPERM}, {"ENOENT", ENOENT}, {"EIO", EIO}, {"EACCES", EACCES}, {"EEXIST", EEXIST}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"ENOTSUP", ENOTSUP}, {"ESTALE", ESTALE}, {"EDQUOT", EDQUOT}};
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (strcmp(errors[i].name, name) == 0) {
			return errors[i].number;
		}
	}
	return 0;
}

// Whether the launcher has a whole lease and nothing else is left, or has none and nothing is left: the planner takes
// all steps again. A program never starts with the second of these.
static bool is_whole_or_nothing(int leases, bool taken) {
	const char *text = read_own(leases, "slurm-7.json", NULL);
	bool whole = text != NULL && starts_with(text, "{\"format\":1,") && ends_with(text, "}\n");
	if (whole) {
		unlinkat(leases, "slurm-7.json", 0);
	}
	// A directory that holds nothing can be removed.
	bool nothing = unlinkat(leases, "../1", AT_REMOVEDIR) == 0 && mkdirat(leases, "../1", 0700) == 0;
	return whole == taken && nothing;
}

int main(void) {
	struct tests tests = {0};
	char place[] = "/tmp/plurality-c.XXXXXX", *words[5];
	CHECK(mkdtemp(place) != NULL);
	struct context context = {.pid = getpid()};
	struct lease lease = {format("%s/leases/1", place), "0022", "sha256:1", "me"};
	int cases = 0;
	char *text = read_host(AT_FDCWD, CASES, NULL);
	set_variable(&context.environment, "SLURM_JOB_ID", "7");
	CHECK(mkdir(format("%s/leases", place), 0700) == 0 && mkdir(lease.directory, 0700) == 0);

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *rest = copy_of(line);
		int count = 0;
		for (char *word; count < 5 && (word = strsep(&rest, " ")) != NULL;) {
			words[count++] = word;
		}
		if (count != 4 || strcmp(words[0], "fault") != 0) {
			continue;
		}
		for (int lasts = 0; lasts < 2; lasts++) {
			TEST(format("%s %s%s", words[1], words[2], lasts ? ", and again" : ""));
			int error = number_of(words[2]);
			CHECK(error != 0);
			memset(&fault, 0, sizeof fault);
			fault.step = words[1], fault.error = error, fault.lasts = lasts;
			bool taken = take_lease(&context, &lease, getpid());
			CHECK(fault.made > 0);
			fault.step = NULL;
			// What the table calls none or a failure, the launcher leaves to the planner.
			CHECK(!taken || strcmp(words[3], "lease") == 0);
			int leases = open_own_directory(AT_FDCWD, lease.directory);
			CHECK(is_whole_or_nothing(leases, taken));
			close(leases);
			cases++;
		}
	}
	TEST("the table has its cases");
	CHECK(cases >= 90);
	CHECK(remove_tree(AT_FDCWD, place));
	return end_tests(&tests);
}
