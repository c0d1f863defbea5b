// SPDX-License-Identifier: Apache-2.0
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "files.h"
#include "guard.h"
#include "message.h"
#include "variables.h"

// What of a pause process a rank enters.
struct entrance {
	int user;
	int mount;
	int processes;
	int ipc;
	int network;
	int directory;
};

static bool read_strings(int at, const char *name, struct list *strings) {
	size_t length = 0;
	const char *bytes = read_own(at, name, &length);
	if (bytes != NULL) {
		add_strings(strings, bytes, length);
	}
	return bytes != NULL;
}

// The rank's own variables, with the image's and those that were asked for on top.
static bool make_environment(const struct context *context, const struct container *container, struct list *environment) {
	struct list set = {0};
	add_all(environment, &context->environment);
	if (container->kept != NULL) {
		keep_variables(environment, container->kept);
	}
	unset_variable(environment, "LD_LIBRARY_PATH");
	unset_variable(environment, "LD_PRELOAD");
	unset_variable(environment, "LD_AUDIT");
	if (is_apptainer()) {
		// The translation's own, which the plan has.
		drop_variables(environment, "PLURALITYENV_*");
	}
	if (!read_strings(container->at, "environment", &set)) {
		return false;
	}
	set_variables(environment, &set);
	set_variable(environment, "PWD", container->workdir);
	return true;
}

static bool make_command(const struct context *context, const struct container *container, struct list *command) {
	const struct request *request = &context->request;
	struct list usual = {0};
	if (request->shell != NULL) {
		const char *const words[] = {"/bin/sh", "-c", request->shell, "sh"};
		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			add(command, words[i]);
		}
	}
	if (request->command.count == 0) {
		if (!read_strings(container->at, "command", &usual)) {
			return false;
		}
		if (usual.count == 0) {
			fail(format("say what to run: plurality-exec %s COMMAND", request->image), "cannot run %s: no command was given and the image has none", request->image);
		}
		add_all(command, &usual);
		return true;
	}
	if (container->has_entrypoint && !read_strings(container->at, "entrypoint", command)) {
		return false;
	}
	add_all(command, &request->command);
	return true;
}

// Registers with the monitor. By the directory's descriptor: once this rank is noted there its monitor looks
// after it, but may have given the directory another name.
static bool register_rank(const struct context *context, const struct container *container) {
	char *rank = format("ranks/%d", (int)context->pid);
	struct stat here, named;
	if (!write_file(container->at, rank, "", 0, false)) {
		if (errno != ENOENT) {
			fail(place_hint(FREE_SPACE), "cannot write to %s: %s", context->directory, reason());
		}
		return false;
	}
	if (exists(container->at, "ready") && fstat(container->at, &here) == 0 && fstatat(context->run, context->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    here.st_dev == named.st_dev && here.st_ino == named.st_ino) {
		return true;
	}
	unlinkat(container->at, rank, 0);
	return false;
}

static int open_of(pid_t pid, const char *name, int flags) {
	int file = open(format("/proc/%d/%s", (int)pid, name), flags | O_CLOEXEC);
	if (file < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
		fail(place_hint(FREE_SPACE), "cannot join the container: %s", reason());
	}
	return file;
}

static bool open_entrance(const struct container *container, struct entrance *entrance) {
	pid_t pid = container->pause.pid;
	entrance->user = open_of(pid, "ns/user", O_RDONLY);
	entrance->mount = open_of(pid, "ns/mnt", O_RDONLY);
	entrance->processes = container->own_processes ? open_of(pid, "ns/pid", O_RDONLY) : -1;
	entrance->ipc = container->own_ipc ? open_of(pid, "ns/ipc", O_RDONLY) : -1;
	entrance->network = container->own_network ? open_of(pid, "ns/net", O_RDONLY) : -1;
	// A directory that may be passed and not read can be entered all the same.
	entrance->directory = open_of(pid, "cwd", O_PATH | O_DIRECTORY);
	return entrance->user >= 0 && entrance->mount >= 0 && entrance->directory >= 0 && (!container->own_processes || entrance->processes >= 0) &&
	       (!container->own_ipc || entrance->ipc >= 0) && (!container->own_network || entrance->network >= 0) &&
	       start_ticks(pid) == container->pause.ticks;
}

static void enter(const struct context *context, const struct entrance *entrance) {
	if (setns(entrance->user, CLONE_NEWUSER) != 0 || (entrance->processes >= 0 && setns(entrance->processes, CLONE_NEWPID) != 0) ||
	    (entrance->ipc >= 0 && setns(entrance->ipc, CLONE_NEWIPC) != 0) || (entrance->network >= 0 && setns(entrance->network, CLONE_NEWNET) != 0) ||
	    setns(entrance->mount, CLONE_NEWNS) != 0 || fchdir(entrance->directory) != 0) {
		fail(format("see %s/monitor.log on this node", context->directory), "cannot join the container: %s", reason());
	}
}

void join_container(const struct context *context, struct container *container) {
	struct list environment = {0}, command = {0};
	struct entrance entrance;
	if (register_rank(context, container) && open_entrance(container, &entrance) && make_environment(context, container, &environment) &&
	    make_command(context, container, &command)) {
		debug(context, "joining %d", (int)container->pause.pid);
		enter(context, &entrance);
		if (container->own_processes) {
			guard_program(context, command.items, &environment);
		}
		restore_origin(&context->origin);
		execute(command.items, &environment);
	}
	close(container->at);
	container->at = -1;
	// It is going; a rank that asks without end would keep what removes it from the processor.
	usleep(1000);
}

// A file without a `#!` line is a script for the shell, as everywhere.
static void execute_path(const char *path, char *const *command, const struct list *environment) {
	execve(path, command, environment->items);
	if (errno == ENOEXEC) {
		struct list script = {0};
		add(&script, "sh");
		add(&script, path);
		for (char *const *argument = command + 1; *argument != NULL; argument++) {
			add(&script, *argument);
		}
		execve("/bin/sh", script.items, environment->items);
		errno = ENOEXEC;
	}
}

static void search(char *const *command, const struct list *environment) {
	const char *path = variable(environment, "PATH");
	int found = ENOENT;
	path = path == NULL ? "/bin:/usr/bin" : path;
	while (true) {
		size_t length = strcspn(path, ":");
		execute_path(length == 0 ? command[0] : format("%.*s/%s", (int)length, path, command[0]), command, environment);
		if (errno == EACCES) {
			found = EACCES;
		} else if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) {
			return;
		}
		if (path[length] == '\0') {
			errno = found;
			return;
		}
		path += length + 1;
	}
}

void execute(char *const *command, const struct list *environment) {
	// No file's mode or capability gives the program more than it has, wherever the file lies.
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		fail("use Linux 3.5 or later", "cannot give up privileges: %s", reason());
	}
	if (strchr(command[0], '/') != NULL) {
		execute_path(command[0], command, environment);
	} else if (*command[0] == '\0') {
		errno = ENOENT;
	} else {
		search(command, environment);
	}
	int error = errno;
	const char *hint = "check its name: it is looked for in the image, and in what is bound into it";
	if (error == ENOENT && strchr(command[0], '/') != NULL && exists(AT_FDCWD, command[0])) {
		hint = "check what it needs: an interpreter in its first line, or a loader of another C library, that the image does not have";
	} else if (error == EACCES) {
		hint = "check that it is a file that may be executed (chmod +x), on a filesystem that allows it";
	} else if (error == ENOEXEC) {
		hint = "check that it was built for this machine's architecture";
	} else if (error == E2BIG) {
		hint = "pass fewer or shorter arguments and variables";
	}
	errno = error;
	if (is_apptainer() && error == ENOENT && strchr(command[0], '/') == NULL) {
		// Clients look for these words.
		complain(hint, "\"%s\": executable file not found in $PATH", command[0]);
	} else {
		complain(hint, "cannot run %s: %s", command[0], reason());
	}
	_exit(is_apptainer() ? launch_status() : error == ENOENT || error == ENOTDIR ? 127 : 126);
}
