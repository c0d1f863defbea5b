// SPDX-License-Identifier: Apache-2.0
// Becoming the program: into the namespaces of the pause process by descriptors, then execve. No other program
// runs on the way.
#ifndef PLURALITY_JOIN_H
#define PLURALITY_JOIN_H

#include "rundir.h"

// Becomes the program. Returns only when the container went away during this; then its directory is closed.
void join_container(const struct context *context, struct container *container);
// Runs a program by the PATH in its environment, or ends with 126 or 127 and says why not.
_Noreturn void execute(char *const *command, const struct list *environment);

#endif
