// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "message.h"

unsigned long long start_ticks(pid_t pid) {
	char path[64], text[2048];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		return 0;
	}
	ssize_t length = read(file, text, sizeof text - 1);
	close(file);
	if (length <= 0) {
		return 0;
	}
	text[length] = '\0';
	// The name, in parentheses, may have any characters; the start is the 20th field behind it.
	const char *at = strrchr(text, ')');
	for (int field = 0; at != NULL && field < 20; field++) {
		at = strchr(at + 1, ' ');
	}
	return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

bool has_executable(pid_t pid) {
	char path[64], target[8];
	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	return readlink(path, target, sizeof target) >= 0;
}

bool is_running(struct process process) {
	return process.ticks != 0 && start_ticks(process.pid) == process.ticks && has_executable(process.pid);
}

bool parse_process(const char *text, struct process *process) {
	unsigned long long pid = 0, ticks = 0;
	size_t first = text == NULL ? 0 : strcspn(text, " ");
	*process = (struct process){0};
	if (text == NULL || text[first] != ' ' || !parse_number(copy_bytes(text, first), PID_MOST, &pid) ||
	    !parse_number(copy_bytes(text + first + 1, strcspn(text + first + 1, "\n")), ~0ULL, &ticks) || pid == 0 || ticks == 0) {
		return false;
	}
	*process = (struct process){(pid_t)pid, ticks};
	return true;
}

void note_origin(struct origin *origin) {
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &action, &origin->pipe);
	sigaction(SIGXFSZ, &action, &origin->file_size);
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, &origin->child);
	sigprocmask(SIG_SETMASK, NULL, &origin->blocked);
	origin->umask = umask(022);
}

void restore_origin(const struct origin *origin) {
	sigaction(SIGPIPE, &origin->pipe, NULL);
	sigaction(SIGXFSZ, &origin->file_size, NULL);
	sigaction(SIGCHLD, &origin->child, NULL);
	sigprocmask(SIG_SETMASK, &origin->blocked, NULL);
	umask(origin->umask);
}

static void place(int descriptor, int number) {
	if (descriptor != number && dup2(descriptor, number) < 0) {
		_exit(EXIT_LAUNCH);
	}
	if (descriptor == number) {
		fcntl(number, F_SETFD, 0);
	}
}

_Noreturn static void become(const struct context *context, const struct child *child, pid_t parent) {
	restore_origin(&context->origin);
	if (!child->with_umask) {
		umask(022);
	}
	struct rlimit space;
	if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != space.rlim_max) {
		// The program's limit; a virtual machine and a runtime in Go reserve far more than they use.
		space.rlim_cur = space.rlim_max;
		setrlimit(RLIMIT_AS, &space);
	}
	if (child->tied && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)) {
		_exit(EXIT_LAUNCH);
	}
	int errors = fcntl(child->errors, F_DUPFD_CLOEXEC, 3);
	int output = fcntl(child->output, F_DUPFD_CLOEXEC, 3);
	int input = fcntl(child->input, F_DUPFD_CLOEXEC, 3);
	if (errors < 0 || output < 0 || input < 0) {
		dprintf(child->errors, "plurality-exec: cannot start what makes the container: %s\nhint: %s\n", reason(), place_hint(FREE_SPACE));
		_exit(EXIT_LAUNCH);
	}
	place(input, STDIN_FILENO);
	place(output, STDOUT_FILENO);
	place(errors, STDERR_FILENO);
	if ((child->user_namespace >= 0 && setns(child->user_namespace, CLONE_NEWUSER) != 0) ||
	    (child->mount_namespace >= 0 && setns(child->mount_namespace, CLONE_NEWNS) != 0)) {
		dprintf(STDERR_FILENO, "cannot enter the namespaces of its root: %s\n", reason());
		_exit(EXIT_LAUNCH);
	}
	close_from(3);
	execve(child->arguments[0], child->arguments, child->environment);
	int error = errno;
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", child->arguments[0], reason());
	_exit(error == ENOENT ? 127 : 126);
}

pid_t start(const struct context *context, const struct child *child) {
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid < 0) {
		fail("check the limit on processes (ulimit -u)", "cannot start %s: %s", child->arguments[0], reason());
	}
	if (pid == 0) {
		become(context, child, parent);
	}
	return pid;
}

int wait_for(pid_t pid) {
	int status = 0;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return EXIT_LAUNCH;
		}
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *first_line_of(const struct context *context, char *const *arguments) {
	int ends[2];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	if (null < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		return NULL;
	}
	struct child child = {arguments, environment, null, ends[1], null, true, false, -1, -1};
	pid_t pid = start(context, &child);
	close(ends[1]);
	close(null);
	char *text = read_some(ends[0], OWN_MOST, NULL);
	close(ends[0]);
	wait_for(pid);
	if (text == NULL || *text == '\0') {
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}
