// SPDX-License-Identifier: Apache-2.0
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "lease.h"
#include "message.h"
#include "pause.h"
#include "plan.h"
#include "process.h"
#include "rundir.h"
#include "variables.h"
#include "watch.h"

void start_monitor(const struct context *context, int at, struct monitor *monitor) {
	char *const arguments[] = {MONITOR_NAME, (char *)context->directory, context->settings.shared ? "node" : "none", NULL};
	struct list environment = {0};
	int in[2], out[2], log = openat(at, "monitor.log", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	set_variable(&environment, "HOME", value_of(&context->environment, "HOME"));
	set_variable(&environment, "XDG_CONFIG_HOME", value_of(&context->environment, "XDG_CONFIG_HOME"));
	if (log < 0 || pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot start the monitor of %s: %s", context->directory, reason());
	}
	pid_t pid = fork();
	if (pid < 0) {
		fail("check the limit on processes (ulimit -u)", "cannot start the monitor of %s: %s", context->directory, reason());
	}
	if (pid == 0) {
		setsid();
		int ends[] = {fcntl(in[0], F_DUPFD, 3), fcntl(out[1], F_DUPFD, 3), fcntl(log, F_DUPFD, 3)};
		for (int i = 0; i < 3; i++) {
			dup2(ends[i], i);
		}
		close_from(3);
		execve("/proc/self/exe", arguments, environment.items);
		_exit(EXIT_LAUNCH);
	}
	close(in[0]);
	close(out[1]);
	close(log);
	*monitor = (struct monitor){pid, in[1], out[0]};
}

bool await_ready(const struct context *context, struct monitor *monitor, const char *init) {
	char said = 0;
	struct pollfd look = {.fd = monitor->from, .events = POLLIN};
	long long most = (long long)context->settings.patience_s * 1000;
	bool ready = write_all(monitor->to, init, strlen(init)) && poll(&look, 1, most > 1 << 30 ? -1 : (int)most) > 0 && read(monitor->from, &said, 1) == 1;
	close(monitor->to);
	close(monitor->from);
	monitor->to = monitor->from = -1;
	return ready && said == 'r';
}

void end_monitor(struct monitor *monitor) {
	if (monitor->to >= 0) {
		close(monitor->to);
		close(monitor->from);
		monitor->to = monitor->from = -1;
	}
	wait_for(monitor->pid);
}

static void ignore_signals(void) {
	// Signals for the ranks may reach every process of the step.
	static const int SIGNALS[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGXFSZ, 0};
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t none;
	for (const int *signal = SIGNALS; *signal != 0; signal++) {
		sigaction(*signal, &action, NULL);
	}
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
}

static bool read_plan(int at, struct pause *pause, struct text *plan) {
	size_t length;
	char *text = read_own(at, "plan", &length), *name, *value;
	unsigned long long number;
	if (text == NULL) {
		return false;
	}
	append_bytes(plan, text, length);
	while (next_line(&text, &name, &value)) {
		if (strcmp(name, "workdir") == 0) {
			pause->workdir = value;
		} else if (strcmp(name, "uid") == 0 && parse_number(value, 0xffffffff, &number)) {
			pause->uid = (unsigned)number;
		} else if (strcmp(name, "gid") == 0 && parse_number(value, 0xffffffff, &number)) {
			pause->gid = (unsigned)number;
		} else if (strcmp(name, "processes") == 0) {
			pause->own_processes = strcmp(value, "own") == 0;
		} else if (strcmp(name, "ipc") == 0) {
			pause->own_ipc = strcmp(value, "own") == 0;
		} else if (strcmp(name, "network") == 0) {
			pause->own_network = strcmp(value, "none") == 0;
		}
	}
	return pause->workdir != NULL;
}

// Ranks see the file whole or not at all.
static bool write_ready(int at, struct text *plan, pid_t pid) {
	append(plan, format("pause %d %llu\nend .\n", (int)pid, start_ticks(pid)));
	return write_text(at, "ready.new", plan->bytes) && renameat(at, "ready.new", at, "ready") == 0;
}

// The runtime's process waits to be started for as long as it lives: it ends with this one, even if the
// directory was removed during this.
static void end_init(struct process init) {
	if (start_ticks(init.pid) == init.ticks) {
		kill(init.pid, SIGKILL);
	}
}

static struct process hear_init(void) {
	char text[32] = {0};
	unsigned long long pid = 0;
	if (read(STDIN_FILENO, text, sizeof text - 1) > 0) {
		text[strcspn(text, "\n")] = '\0';
		parse_number(text, PID_MOST, &pid);
	}
	return (struct process){(pid_t)pid, pid == 0 ? 0 : start_ticks((pid_t)pid)};
}

static void keep(const struct watch *watch, const struct list *environment) {
	const char *leases = read_own(watch->at, "reused", NULL);
	if (leases == NULL) {
		keep_plan(watch->run, watch->at, watch->directory, environment);
	} else if (watch->lease != NULL) {
		// The planner does the same.
		reap_leases(leases);
	}
	forget_notes(watch->run);
}

int monitor_main(char **arguments, char **variables) {
	struct watch watch = {.directory = arguments[1], .alone = strcmp(arguments[2], "none") == 0};
	struct pause pause = {.uid = getuid(), .gid = getgid()};
	struct text plan = {0};
	struct list environment = {0};
	ignore_signals();
	for (; *variables != NULL; variables++) {
		add(&environment, *variables);
	}
	char *slash = strrchr(arguments[1], '/');
	if (slash == NULL) {
		return EXIT_LAUNCH;
	}
	watch.name = copy_of(slash + 1);
	watch.run = open_own_directory(AT_FDCWD, copy_bytes(arguments[1], (size_t)(slash - arguments[1])));
	watch.at = open_own_directory(watch.run, watch.name);
	struct process init = hear_init();
	if (init.ticks == 0 || watch.at < 0) {
		return 0;
	}
	pause.init = init.pid;
	if (!read_plan(watch.at, &pause, &plan) || !start_pause(&pause, &watch.paused) || !write_ready(watch.at, &plan, watch.paused.pid)) {
		end_init(init);
		return 1;
	}
	// The leader may have been killed during this; ranks that followed have seen the file.
	write_all(STDOUT_FILENO, "ready\n", 6);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	// The pause process's namespaces are all that is needed, unless they lie in a process namespace of the
	// runtime's, which needs its first process.
	if (!pause.own_processes) {
		end_init(init);
	}
	watch.lease = read_own(watch.at, "lease", NULL);
	keep(&watch, &environment);
	watch.alone = watch.alone && !pause.own_processes;
	watch_ranks(&watch);
	end_init(init);
	return 0;
}
