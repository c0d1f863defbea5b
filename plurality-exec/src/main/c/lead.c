// SPDX-License-Identifier: Apache-2.0
#include "lead.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debris.h"
#include "error.h"
#include "files.h"
#include "lease.h"
#include "message.h"
#include "mounts.h"
#include "plan.h"
#include "planner.h"
#include "process.h"
#include "rundir.h"
#include "settings.h"
#include "variables.h"

static const char *file_of(int at, const char *name) {
	const char *text = read_own(at, name, NULL);
	return text == NULL ? "" : text;
}

// The last line of a log, without its end.
static const char *last_line(int at, const char *name) {
	char *text = copy_of(file_of(at, name));
	for (size_t length = strlen(text); length > 0 && text[length - 1] == '\n'; length--) {
		text[length - 1] = '\0';
	}
	char *end = strrchr(text, '\n');
	return end == NULL ? text : end + 1;
}

// Why the runtime could not make it. Its own last line says so, unless the place or the memory for that is missing.
static void explain(const struct context *context, int at) {
	const char *said = file_of(at, "runc.out"), *line = last_line(at, "runc.out"), *space = address_space(), *limit = namespace_limit();
	const char *hint = format("run it again with --debug; the bundle was %s", context->directory);
	if (!has_room(at)) {
		line = reason();
		hint = place_hint(FREE_SPACE);
	} else if (space != NULL && (strstr(said, "fatal error: ") != NULL || strstr(said, "cannot allocate memory") != NULL)) {
		line = format("%s of address space are not enough for the runtime", space);
		hint = "raise that limit to 1 GiB (ulimit -v; Slurm passes on what the shell of sbatch has, PBS sets it for pvmem), or use --runtime crun";
	} else if (strstr(said, "hybrid mode") != NULL) {
		hint = "crun needs cgroups of version 2 only, and this node has both: use --runtime runc";
	} else if (strstr(said, "no cgroup mount found") != NULL) {
		hint = "runc wants to see a cgroup mount on this node: mount cgroup2 on /sys/fs/cgroup";
	} else if (limit != NULL && (strstr(said, "final child's PID") != NULL || strstr(said, "o space left") != NULL)) {
		line = format("user namespaces cannot be made: their limit here is %s", limit);
		hint = "raise it: sysctl user.max_user_namespaces=15000";
	} else if (in_user_namespace() && strstr(said, "final child's PID") != NULL) {
		line = "the runtime cannot make a user namespace in the one that this runs in";
		hint = "start it outside of that (unshare, another container), or with a mount namespace there, too (unshare -Urm)";
	} else if (strstr(said, "ermission denied") != NULL || strstr(said, "not permitted") != NULL) {
		hint = format("the kernel or a security module refused; look into %s/runc.out on this node", context->directory);
	}
	set_error(at, format("cannot make the container: %s", *line == '\0' ? "the runtime did not say why" : line), hint);
}

static void add_runtime(const struct context *context, const char *runtime, struct list *command) {
	const char *slash = strrchr(runtime, '/'), *log = format("%s/runc.log", context->directory);
	add(command, runtime);
	if (strstr(slash == NULL ? runtime : slash + 1, "crun") != NULL) {
		// The scheduler's cgroup holds the job; crun would make another. A colon in a log's name means something to it.
		add(command, "--cgroup-manager=disabled");
		log = format("file:%s", log);
	}
	const char *const words[] = {"--root", format("%s/runc", context->directory), "--log", log, "create", "--bundle", context->directory, "--pid-file",
	                             format("%s/init.pid", context->directory), format("node-%d", (int)context->pid)};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		add(command, words[i]);
	}
}

// The namespaces in which the root is mounted.
static void find_namespaces(int at, struct child *child) {
	const char *mounted = read_own(at, "mounted", NULL);
	if (mounted != NULL && *mounted != '\0') {
		int pid = atoi(mounted);
		child->user_namespace = open(format("/proc/%d/ns/user", pid), O_RDONLY | O_CLOEXEC);
		child->mount_namespace = open(format("/proc/%d/ns/mnt", pid), O_RDONLY | O_CLOEXEC);
	}
}

// Returns the number of the runtime's process; NULL when there is none, and the file `error` says why.
static const char *create_container(const struct context *context, int at, pid_t owner) {
	struct list command = {0}, environment = {0};
	char *plan = read_own(at, "plan", NULL), *name, *value;
	const char *runtime = "", *leases = NULL;
	while (plan != NULL && next_line(&plan, &name, &value)) {
		if (strcmp(name, "runtime") == 0) {
			runtime = value;
		} else if (strcmp(name, "leases") == 0) {
			leases = value;
		}
	}
	note_lease(context, leases);
	name_lease(context, at, leases, owner);
	add_runtime(context, runtime, &command);
	add_all(&environment, &context->environment);
	for (const char *const *not = (const char *const[]){"LISTEN_FDS", "LISTEN_PID", "NOTIFY_SOCKET", "LD_PRELOAD", "LD_AUDIT", NULL}; *not != NULL; not ++) {
		unset_variable(&environment, *not);
	}
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), out = openat(at, "runc.out", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (null < 0 || out < 0) {
		set_error(at, format("cannot make the container: %s", reason()), place_hint(FREE_SPACE));
		return NULL;
	}
	struct child child = {command.items, environment.items, null, out, out, true, false, -1, -1};
	find_namespaces(at, &child);
	debug(context, "runc create");
	int status = wait_for(start(context, &child));
	close(null);
	close(out);
	close(child.user_namespace);
	close(child.mount_namespace);
	const char *init = file_of(at, "init.pid");
	if (status == 0 && *init != '\0') {
		return format("%d\n", atoi(init));
	}
	explain(context, at);
	unlinkat(at, "init.pid", 0);
	return NULL;
}

// Whether another plan may do what this one could not. What was mounted below a bound directory since the
// planner looked makes that bind invalid: it would show what the mount covers.
static bool is_doubtful(int at, const char *reused) {
	const char *said = file_of(at, "runc.out"), *mount = strstr(said, "mount");
	return reused != NULL || (mount != NULL && strstr(mount, "nvalid argument") != NULL);
}

static bool is_leader(const struct context *context, int at) {
	struct process leader;
	int named = open_own_directory(context->run, context->name);
	bool mine = named >= 0 && is_same(at, ".", named, ".") && parse_process(read_own(at, "leader", NULL), &leader) && leader.pid == context->pid &&
	            leader.ticks == context->ticks;
	if (named >= 0) {
		close(named);
	}
	return mine;
}

// What went wrong is said once, by the leader; ranks that waited, or are late, end with the same status.
// Returns when the directory was removed from under it, as what a dead leader left: that is to be tried again.
static void give_up(const struct context *context, struct lead *lead, struct monitor *monitor) {
	int at = lead->at;
	if (!is_leader(context, at)) {
		end_monitor(monitor);
		return;
	}
	const char *error = file_of(at, "error"), *init = file_of(at, "init.pid"), *rank = local_rank(context);
	print_said(error);
	if (atoi(init) > 1) {
		kill(atoi(init), SIGKILL);
	}
	if (context->settings.shared) {
		const char *uptime = read_host(AT_FDCWD, "/proc/uptime", NULL);
		if (rank != NULL) {
			write_text(at, format("told-%s", rank), "");
		}
		write_text(at, "failed", format("%llu\n", uptime == NULL ? 0ULL : strtoull(uptime, NULL, 10)));
	} else {
		end_monitor(monitor);
		remove_tree(context->run, context->name);
	}
	_exit(launch_status());
}

static void clear_plan(const struct context *context, int at) {
	static const char *const FILES[] = {"runc", "facts", "facts.d", "reused", "ready"};
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		remove_tree(at, FILES[i]);
	}
	remove_entries(at, "underlay-");
	write_before(context, at);
}

// Returns the runtime's process. `reused` is a kept plan's name, or NULL.
static const char *plan_and_create(const struct context *context, struct planning *planning, char **reused) {
	int at = planning->at;
	debug(context, "planning in %s", context->directory);
	*reused = reuse_plan(context, at, planning->owner);
	if (*reused == NULL) {
		if (plan_again(context, planning) != 0) {
			return NULL;
		}
	} else if (exists(at, "mounts") && !mount_root(context, planning)) {
		forget_plan(context->run, *reused);
		write_text(at, "error", file_of(at, "mounts.error"));
		return NULL;
	} else {
		debug(context, "planned as before, in %s/plans/%s", context->settings.run, *reused);
	}
	const char *init = create_container(context, at, planning->owner);
	if (init == NULL && is_doubtful(at, *reused)) {
		// What has changed, the planner can say.
		if (*reused != NULL) {
			forget_plan(context->run, *reused);
			*reused = NULL;
		}
		end_planner(planning);
		if (!exists(at, "mounts")) {
			clear_plan(context, at);
			init = plan_again(context, planning) == 0 ? create_container(context, at, planning->owner) : NULL;
		}
	}
	return init;
}

void make_container(const struct context *context, struct lead *lead) {
	struct monitor monitor;
	char *reused = NULL;
	start_monitor(context, lead->at, &monitor);
	sweep(context);
	struct planning planning = {lead->at, context->directory, context->settings.shared ? monitor.pid : context->pid, context->settings.shared, 0, -1};
	const char *init = plan_and_create(context, &planning, &reused);
	end_planner(&planning);
	if (init == NULL) {
		give_up(context, lead, &monitor);
	} else {
		debug(context, "container is %.*s", (int)strcspn(init, "\n"), init);
		if (!await_ready(context, &monitor, init)) {
			if (reused != NULL) {
				forget_plan(context->run, reused);
			}
			set_error(lead->at, format("cannot give the ranks their own uid: %s", last_line(lead->at, "monitor.log")),
			          "check nested user namespaces on this node (sysctl user.max_user_namespaces)");
			give_up(context, lead, &monitor);
		} else {
			debug(context, "container is ready");
		}
	}
	close(lead->gate);
	close(lead->at);
	if (planning.mounter >= 0) {
		close(planning.mounter);
	}
}

void dry_run(struct context *context) {
	char *name = format("new-%d.%llu", (int)context->pid, context->ticks);
	open_run_directory(context, true);
	context->settings.shared = false;
	context->name = name;
	context->directory = format("%s/%s", context->settings.run, name);
	int at = mkdirat(context->run, name, 0700) == 0 ? open_own_directory(context->run, name) : -1;
	if (at < 0) {
		fail(place_hint(FREE_SPACE), "cannot make a directory in %s: %s", context->settings.run, reason());
	}
	struct planning planning = {at, context->directory, context->pid, false, 0, -1};
	int status = run_planner(context, &planning);
	end_planner(&planning);
	const char *error = file_of(at, "error");
	print_said(error);
	remove_tree(context->run, name);
	_exit(status == 0 ? 0 : launch_status());
}
