// SPDX-License-Identifier: Apache-2.0
#include "mounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "process.h"
#include "variables.h"

int open_log(const struct planning *planning, const char *name) {
	int log = openat(planning->at, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (log < 0) {
		fail(place_hint(FREE_SPACE), "cannot write %s/%s: %s", planning->directory, name, reason());
	}
	return log;
}

static pid_t start_mounter(const struct context *context, struct planning *planning) {
	struct list command = {0}, environment = {0};
	const char *words[] = {"/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--", "/bin/bash", "-p", format("%s/libexec/mounter", context->prefix), planning->directory};
	int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC), log = open_log(planning, "mounts.log");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		add(&command, words[i]);
	}
	// All that a shell takes from the caller.
	const char *path = value_of(&context->environment, "PATH");
	set_variable(&environment, "PATH", *path == '\0' ? "/usr/sbin:/usr/bin:/sbin:/bin" : path);
	if (null < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot mount the image: %s", reason());
	}
	if (planning->mounter >= 0) {
		close(planning->mounter);
	}
	struct child child = {command.items, environment.items, ends[0], null, log, false, false, -1, -1};
	pid_t mounter = start(context, &child);
	close(ends[0]);
	close(null);
	close(log);
	planning->mounter = ends[1];
	return mounter;
}

static bool is_mounted(const struct planning *planning) {
	const char *mounted = read_own(planning->at, "mounted", NULL);
	return mounted != NULL && *mounted != '\0' && mounted[strlen(mounted) - 1] == '\n';
}

static const char *find_program(const struct context *context, const char *name) {
	const char *path = value_of(&context->environment, "PATH");
	while (*path != '\0') {
		size_t length = strcspn(path, ":");
		const char *file = format("%.*s/%s", (int)length, path, name);
		if (*path == '/' && access(file, X_OK) == 0) {
			return file;
		}
		path += length + (path[length] == ':');
	}
	return NULL;
}

// Where a user namespace may not mount FUSE, the setuid helper does, and the namespace has a copy.
static bool mount_with_helper(const struct context *context, struct planning *planning) {
	char *text = read_own(planning->at, "mounts", NULL), *name, *value;
	const char *squashfs = "", *program = "";
	while (text != NULL && next_line(&text, &name, &value)) {
		if (strcmp(name, "local") == 0 || (strcmp(name, "squashfs") == 0 && *squashfs == '\0')) {
			squashfs = value;
		} else if (strcmp(name, "program") == 0) {
			program = value;
		}
	}
	if (*squashfs == '\0' || !exists(planning->at, "refused") || find_program(context, "fusermount3") == NULL) {
		return false;
	}
	debug(context, "mounting with fusermount3");
	write_text(planning->at, "fused", "");
	write_text(planning->at, "mounts.error", "");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = open_log(planning, "mounts.log");
	char *const command[] = {(char *)program, (char *)squashfs, format("%s/image", planning->directory), NULL};
	struct child child = {command, context->environment.items, null, null, log, false, false, -1, -1};
	int status = wait_for(start(context, &child));
	close(null);
	close(log);
	if (status != 0) {
		const char *said = read_own(planning->at, "mounts.log", NULL);
		write_text(planning->at, "mounts.error", format("plurality-exec: cannot mount %s: %.*s\nhint: check /dev/fuse on this node, or stage it in as a directory: plurality-stagein pull --format dir\n", squashfs,
		                                                  (int)strcspn(said == NULL ? "" : said, "\n"), said == NULL ? "" : said));
	}
	return status == 0;
}

bool mount_root(const struct context *context, struct planning *planning) {
	debug(context, "mounting");
	pid_t mounter = start_mounter(context, planning);
	while (!is_mounted(planning)) {
		int status;
		if (waitpid(mounter, &status, WNOHANG) == mounter) {
			if (is_mounted(planning)) {
				break;
			}
			if (exists(planning->at, "fused") || !mount_with_helper(context, planning)) {
				return false;
			}
			mounter = start_mounter(context, planning);
		}
		usleep(1000);
	}
	if (exists(planning->at, "fused")) {
		char *const unmount[] = {(char *)find_program(context, "fusermount3"), "-u", "-z", "--", format("%s/image", planning->directory), NULL};
		first_line_of(context, unmount);
	}
	debug(context, "mounted");
	return true;
}
