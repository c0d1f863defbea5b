// SPDX-License-Identifier: Apache-2.0
// The parent of a program in a process namespace: only a child can begin in one, and the process that started
// the rank knows this one.
#ifndef PLURALITY_GUARD_H
#define PLURALITY_GUARD_H

#include "context.h"

// Runs the program as a child, passes signals on, each once, and ends as the program did.
_Noreturn void guard_program(const struct context *context, char *const *command, const struct list *environment);

#endif
