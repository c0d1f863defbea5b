// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/lease.h"

#include <fcntl.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/files.h"
#include "../../main/c/process.h"
#include "../../main/c/variables.h"
#include "check.h"

// NAME=VALUE words of a case, as the environment.
static struct list environment_of(char *words) {
	struct list environment = {0};
	for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
		add(&environment, word);
	}
	return environment;
}

static void check_names(struct tests *all) {
	struct tests tests = *all;
	struct identity identity = {"node7", "0a1b2c3d-1111-2222-3333-444455556666", "pid:[4026531836]", 4711, 123456, 1001};
	char *text = read_host(AT_FDCWD, CASES, NULL);
	int cases = 0;
	CHECK(text != NULL);
	for (char *at = text, *kind, *value; text != NULL && next_line(&at, &kind, &value);) {
		if (strcmp(kind, "id") != 0 && strcmp(kind, "document") != 0) {
			continue;
		}
		size_t length = strcspn(value, " ");
		char *expected = copy_bytes(value, length), *id, *holder;
		struct list environment = environment_of(copy_of(value + length));
		describe_lease(&environment, &identity, &id, &holder);
		SAME(strcmp(kind, "id") == 0 ? id : format("{%s}", holder), expected);
		cases++;
	}
	CHECK(cases >= 11);
	*all = tests;
}

static void put(int leases, const char *what) {
	remove_entries(leases, "");
	if (strcmp(what, "own") == 0) {
		write_text(leases, "slurm-7.json", "kept");
	} else if (strcmp(what, "own-empty") == 0) {
		write_text(leases, "slurm-7.json", "");
	} else if (strcmp(what, "own-link") == 0) {
		symlinkat("elsewhere", leases, "slurm-7.json");
	} else if (strcmp(what, "own-directory") == 0) {
		mkdirat(leases, "slurm-7.json", 0700);
	}
}

static bool is_present(const struct context *context, const struct lease *lease, int leases, const char *what) {
	put(leases, what);
	return take_lease(context, lease, getpid());
}

static bool written(int leases, const char *name) {
	const char *text = read_own(leases, name, NULL);
	return text != NULL && strstr(text, "\"holder\":{\"kind\":\"slurm\",\"jobId\":\"7\"},\"user\":\"me\"") != NULL;
}

int main(void) {
	struct tests tests = {0};
	char place[] = "/tmp/plurality-c.XXXXXX";
	CHECK(mkdtemp(place) != NULL);
	int at = open_own_directory(AT_FDCWD, place);
	struct context context = {.pid = getpid()};
	struct lease lease = {place, "0022", "sha256:1", "me"};
	struct stat status;

	TEST("names and documents are those of the contract's table");
	check_names(&tests);

	TEST("what has the lease's name is kept, replaced or passed by as the table says");
	set_variable(&context.environment, "SLURM_JOB_ID", "7");
	CHECK(mkdirat(at, "leases", 0700) == 0 && mkdirat(at, "leases/1", 0700) == 0);
	lease.directory = format("%s/leases/1", place);
	int leases = open_own_directory(at, "leases/1");
	CHECK(is_present(&context, &lease, leases, "nothing") && written(leases, "slurm-7.json"));
	CHECK(fstatat(leases, "slurm-7.json", &status, 0) == 0 && (status.st_mode & 0777) == 0644);
	CHECK(is_present(&context, &lease, leases, "own") && !written(leases, "slurm-7.json"));
	CHECK(is_present(&context, &lease, leases, "own-empty") && written(leases, "slurm-7.json"));
	CHECK(is_present(&context, &lease, leases, "own-link") && written(leases, "slurm-7.json"));
	CHECK(is_present(&context, &lease, leases, "own-directory") && written(leases, format("slurm-7-u%u.json", geteuid())));

	TEST("a lease that cannot be written is none, and nothing is left of it");
	{
		struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &none);
		CHECK(!is_present(&context, &lease, leases, "nothing"));
		setrlimit(RLIMIT_FSIZE, &all);
		CHECK(first_line_of(&context, (char *const[]){"/bin/ls", "-A", (char *)lease.directory, NULL}) == NULL);
	}

	TEST("names that JSON would have to write in another way are left to the planner");
	set_variable(&context.environment, "SLURM_JOB_ID", "a\"b");
	CHECK(!take_lease(&context, &lease, getpid()));

	TEST("without a job the lease is the process's, and goes with it");
	unset_variable(&context.environment, "SLURM_JOB_ID");
	pid_t child = fork();
	if (child == 0) {
		_exit(take_lease(&context, &lease, getpid()) ? 0 : 1);
	}
	CHECK(waitpid(child, NULL, 0) == child && take_lease(&context, &lease, getpid()));
	reap_leases(lease.directory);
	CHECK(first_line_of(&context, (char *const[]){"/bin/sh", "-c", format("ls %s | grep -c ^process-", lease.directory), NULL})[0] == '1');
	CHECK(remove_tree(AT_FDCWD, place));
	return end_tests(&tests);
}
