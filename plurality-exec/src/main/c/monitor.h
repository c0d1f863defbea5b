// SPDX-License-Identifier: Apache-2.0
// The monitor of a container: a process that outlives the ranks, starts the pause process, removes the
// directory when no rank is left, and ends the pause process by its own end, whatever that is.
#ifndef PLURALITY_MONITOR_H
#define PLURALITY_MONITOR_H

#include "context.h"

#define MONITOR_NAME "plurality-monitor"

// It waits for the number of the process that the runtime made.
struct monitor {
	pid_t pid;
	int to;
	int from;
};

// Starts it for the container's directory, open in `at`.
void start_monitor(const struct context *context, int at, struct monitor *monitor);
// Tells it of the runtime's process; returns whether ranks may join.
bool await_ready(const struct context *context, struct monitor *monitor, const char *init);
// Ends one that was told nothing.
void end_monitor(struct monitor *monitor);
// The monitor's own: plurality-monitor DIRECTORY none|node
int monitor_main(char **arguments, char **environment);

#endif
