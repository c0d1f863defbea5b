// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "context.h"

#define OWN_NAME "plurality-exec: "
#define NOTE "note: "

bool is_apptainer(void) {
	return strcmp(program_invocation_short_name, "apptainer") == 0 || strcmp(program_invocation_short_name, "singularity") == 0;
}

int launch_status(void) {
	return is_apptainer() ? 255 : EXIT_LAUNCH;
}

// What a line begins with, in place of our name.
static const char *beginning(const char *message) {
	if (!is_apptainer()) {
		return OWN_NAME;
	}
	return starts_with(message, NOTE) ? "WARNING: " : "FATAL:   ";
}

void print_said(const char *text) {
	struct text said = {0};
	append(&said, "");
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		length += text[length] == '\n';
		const char *end = text + length;
		if (starts_with(text, OWN_NAME)) {
			text += strlen(OWN_NAME);
			append(&said, beginning(text));
			text += is_apptainer() && starts_with(text, NOTE) ? strlen(NOTE) : 0;
		}
		append_bytes(&said, text, (size_t)(end - text));
		text = end;
	}
	if (write(STDERR_FILENO, said.bytes, said.length) < 0) {
		// Nobody listens.
		return;
	}
}

// One write, so that lines of several ranks do not mix.
static void say(const char *hint, const char *message, va_list values) {
	char text[8192];
	int length = snprintf(text, sizeof text, "%s", beginning(message));
	message += is_apptainer() && starts_with(message, NOTE) ? strlen(NOTE) : 0;
	int more = vsnprintf(text + length, sizeof text - (size_t)length - 1, message, values);
	length += more < 0 ? 0 : more;
	if (length > (int)sizeof text - 2) {
		length = (int)sizeof text - 2;
	}
	more = hint == NULL ? snprintf(text + length, sizeof text - (size_t)length, "\n") : snprintf(text + length, sizeof text - (size_t)length, "\nhint: %s\n", hint);
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

void complain_briefly(const char *message, ...) {
	va_list values;
	va_start(values, message);
	say(NULL, message, values);
	va_end(values);
}

void fail(const char *hint, const char *message, ...) {
	va_list values;
	va_start(values, message);
	say(hint, message, values);
	va_end(values);
	_exit(launch_status());
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
