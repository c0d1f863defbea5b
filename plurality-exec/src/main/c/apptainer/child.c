// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"

#define STAGEIN "plurality-stagein: "
#define NOTE "note: "
#define HINT "hint: "
#define OUTPUT_MOST ((size_t)16 << 20)

char *worded(const char *line, enum loudness loudness) {
	if (starts_with(line, STAGEIN)) {
		line += strlen(STAGEIN);
		if (!starts_with(line, NOTE)) {
			return format("FATAL:   %s", line);
		}
	}
	if (starts_with(line, HINT)) {
		return copy_of(line);
	}
	if (starts_with(line, NOTE)) {
		return loudness == ERRORS_ONLY ? NULL : format("WARNING: %s", line + strlen(NOTE));
	}
	return loudness == ALL_LINES ? format("INFO:    %s", line) : NULL;
}

// Says all whole lines, or at the end what there is, and keeps the rest.
static void say_lines(struct text *said, enum loudness loudness, bool end) {
	char *at = said->bytes;
	struct text rest = {0};
	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, "\n");
		if (at[length] == '\0' && !end) {
			break;
		}
		const char *line = worded(copy_bytes(at, length), loudness);
		if (line != NULL) {
			line = format("%s\n", line);
			write_all(STDERR_FILENO, line, strlen(line));
		}
		at += length + (at[length] == '\n');
	}
	append(&rest, at == NULL ? "" : at);
	*said = rest;
}

static bool take_some(struct pollfd *from, struct text *text) {
	char part[8192];
	ssize_t got = read(from->fd, part, sizeof part);
	if (got < 0 && errno == EINTR) {
		return true;
	}
	if (got <= 0) {
		close(from->fd);
		from->fd = -1;
		return false;
	}
	append_bytes(text, part, (size_t)got);
	return true;
}

static void listen_to(struct pollfd *from, enum loudness loudness, struct text *output) {
	struct text said = {0};
	while (from[0].fd >= 0 || from[1].fd >= 0) {
		if (poll(from, 2, -1) < 0) {
			continue;
		}
		if (from[0].fd >= 0 && from[0].revents != 0 && take_some(&from[0], output) && output->length > OUTPUT_MOST) {
			fail("run it again with --debug", "cannot go on: a program of Plurality prints more than it should");
		}
		if (from[1].fd >= 0 && from[1].revents != 0) {
			say_lines(&said, loudness, !take_some(&from[1], &said));
		}
	}
}

int run_child(const struct list *command, const struct list *environment, enum loudness loudness, struct text *output) {
	int out[2], errors[2], status = 0;
	append(output, "");
	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot start %s: %s", command->items[0], reason());
	}
	pid_t child = fork();
	if (child < 0) {
		fail("check the limit on processes (ulimit -u)", "cannot start %s: %s", command->items[0], reason());
	}
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(errors[1], STDERR_FILENO);
		execve(command->items[0], command->items, environment->items);
		_exit(127);
	}
	close(out[1]);
	close(errors[1]);
	struct pollfd from[] = {{.fd = out[0], .events = POLLIN}, {.fd = errors[0], .events = POLLIN}};
	listen_to(from, loudness, output);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
