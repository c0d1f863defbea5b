// SPDX-License-Identifier: Apache-2.0
// The planner: a Java program that looks at the image and the host and writes a plan into the container's directory.
#ifndef PLURALITY_PLANNER_H
#define PLURALITY_PLANNER_H

#include "context.h"

struct planning {
	// Open directory of the container, and its path.
	int at;
	const char *directory;
	// Who holds a lease outside of a job: a process that lives as long as the container.
	pid_t owner;
	bool shared;
	// The planner, while it writes what only later launches read; else 0.
	pid_t planner;
	// The mounter's standard input, which ends when it is to end; else -1.
	int mounter;
};

// Returns 0 once the plan is there, else the status that the launch fails with: what to say is in the file `error`.
int run_planner(const struct context *context, struct planning *planning);
// The same, and stages in an image that is not there, if that is wanted.
int plan_again(const struct context *context, struct planning *planning);
void end_planner(struct planning *planning);
// --help, --version and command lines that are not understood: the planner's answer. Ends the process.
_Noreturn void inform(struct context *context);
// The installation's directory; ends the process when the launcher stands alone.
const char *find_prefix(struct context *context);

#endif
