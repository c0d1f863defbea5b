// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "context.h"

// One write, so that lines of several ranks do not mix.
static void say(const char *hint, const char *message, va_list values) {
	char text[8192];
	int length = snprintf(text, sizeof text, "plurality-exec: ");
	int more = vsnprintf(text + length, sizeof text - (size_t)length - 1, message, values);
	length += more < 0 ? 0 : more;
	if (length > (int)sizeof text - 2) {
		length = (int)sizeof text - 2;
	}
	more = snprintf(text + length, sizeof text - (size_t)length, "\nhint: %s\n", hint);
	length += more < 0 ? 0 : more;
	if (length > (int)sizeof text - 1) {
		length = (int)sizeof text - 1;
		text[length - 1] = '\n';
	}
	if (write(STDERR_FILENO, text, (size_t)length) < 0) {
		// Nobody listens.
		return;
	}
}

void complain(const char *hint, const char *message, ...) {
	va_list values;
	va_start(values, message);
	say(hint, message, values);
	va_end(values);
}

void fail(const char *hint, const char *message, ...) {
	va_list values;
	va_start(values, message);
	say(hint, message, values);
	va_end(values);
	_exit(EXIT_LAUNCH);
}

const char *reason(void) {
	return strerror(errno);
}

const char *place_hint(const char *otherwise) {
	switch (errno) {
	case EMFILE: return "raise the limit on open files (ulimit -n)";
	case ENFILE: return "see what has so many files open on this node (sysctl fs.file-max)";
	case EFBIG: return "raise the limit on the size of files (ulimit -f)";
	case ENAMETOOLONG: return "set PLURALITY_RUN_DIR to a shorter path";
	case ENOMEM: return "look at the node's memory and at the limits of the job";
	default: return otherwise;
	}
}

void debug(const struct context *context, const char *message, ...) {
	if (!context->request.debug) {
		return;
	}
	char text[4096];
	struct timespec now;
	va_list values;
	clock_gettime(CLOCK_REALTIME, &now);
	int length = snprintf(text, sizeof text, "%lld.%06ld plurality-exec[%d]: ", (long long)now.tv_sec, now.tv_nsec / 1000, (int)context->pid);
	va_start(values, message);
	int more = vsnprintf(text + length, sizeof text - (size_t)length - 1, message, values);
	va_end(values);
	length += more < 0 ? 0 : more;
	if (length > (int)sizeof text - 2) {
		length = (int)sizeof text - 2;
	}
	text[length++] = '\n';
	if (write(STDERR_FILENO, text, (size_t)length) < 0) {
		// Nobody listens.
		return;
	}
}
