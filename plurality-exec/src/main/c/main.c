// SPDX-License-Identifier: Apache-2.0
// Runs one rank in a staged image: joins the container that runs on this node for its step, or makes it first.
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clean.h"
#include "debris.h"
#include "election.h"
#include "files.h"
#include "join.h"
#include "layer.h"
#include "lead.h"
#include "message.h"
#include "monitor.h"
#include "planner.h"
#include "process.h"
#include "request.h"
#include "rundir.h"
#include "settings.h"
#include "variables.h"

// What is closed among the standard descriptors would become a file of ours; this is closed again by the exec.
static void hold_standard_descriptors(void) {
	int null;
	do {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (null >= 0 && null < 3);
	if (null >= 3) {
		close(null);
	}
}

// Ranks of one node in containers of their own: no rank may open what another's /proc shows, or read its memory.
static void set_apart(struct context *context) {
	// UCX, below MPICH and Open MPI, would otherwise share memory by /proc/PID/fd and read it, and end the
	// program when it cannot; Open MPI 4.1 finds out that it cannot, and hangs in the first large message.
	static const char *const SET[][2] = {{"UCX_POSIX_USE_PROC_LINK", "n"}, {"UCX_TLS", "^cma,sysv"}, {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"}};
	for (size_t i = 0; i < sizeof SET / sizeof *SET; i++) {
		if (variable(&context->environment, SET[i][0]) == NULL) {
			set_variable(&context->environment, SET[i][0], SET[i][1]);
		}
	}
	if (is_first_here(context)) {
		complain("--share node lets the ranks of a node share one container",
		         "note: ranks in containers of their own cannot read each other's memory: MPI is slower within a node");
	}
}

static bool try_to_join(const struct context *context, struct container *container) {
	if (find_container(context, container) == READY) {
		join_container(context, container);
		return true;
	}
	if (container->at >= 0) {
		close(container->at);
	}
	return false;
}

// The rank that makes the directory leads; the others of its step wait for it.
_Noreturn static void launch(struct context *context) {
	struct container container;
	struct lead lead;
	long long began = time(NULL);
	double start = seconds_now(), limit = (double)context->settings.patience_s + (double)context->settings.tasks / 10;
	bool first = true;
	find_prefix(context);
	open_run_directory(context, true);
	if (!context->settings.shared && context->settings.tasks > 1) {
		set_apart(context);
	}
	for (; seconds_now() - start <= limit; first = false) {
		if (try_to_join(context, &container)) {
			continue;
		}
		if (!exists(context->run, context->name)) {
			if (!(first && yield_to_first(context)) && take_lead(context, &lead)) {
				make_container(context, &lead);
				// However long that took.
				try_to_join(context, &container);
			}
		} else if (exists(context->run, format("%s/leader", context->name))) {
			follow(context, first, &start);
		} else {
			bury_debris(context, context->name);
		}
	}
	if (is_late_said(context, began)) {
		_exit(launch_status());
	}
	fail(format("look at the node's load and at %s/error there, or set PLURALITY_LAUNCH_TIMEOUT", context->directory),
	     "cannot join the container: the rank that makes it was not ready after %.0f s", limit);
}

static const char *base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

int main(int count, char **arguments, char **environment) {
	struct context context = {.arguments = arguments, .pid = getpid(), .ticks = start_ticks(getpid()), .run = -1};
	struct container container;
	if (count == 3 && strcmp(base_name(arguments[0]), MONITOR_NAME) == 0) {
		return monitor_main(arguments, environment);
	}
	if (count == 3 && strcmp(base_name(arguments[0]), CLEAN_NAME) == 0) {
		return clean_main(arguments);
	}
	if (count > 3 && strcmp(base_name(arguments[0]), LAYER_NAME) == 0) {
		return layer_main(arguments, environment);
	}
	note_origin(&context.origin);
	hold_standard_descriptors();
	for (; *environment != NULL; environment++) {
		add(&context.environment, *environment);
	}
	parse_request(&context.request, arguments + (count > 0));
	if (context.request.information) {
		inform(&context);
	}
	complete_environment(&context);
	read_settings(&context);
	if (!name_image(&context.request, context.settings.edf)) {
		inform(&context);
	}
	decide_sharing(&context);
	if (context.request.dry) {
		find_prefix(&context);
		dry_run(&context);
	}
	name_container(&context);
	if (context.settings.shared && open_run_directory(&context, false)) {
		try_to_join(&context, &container);
	}
	launch(&context);
}
