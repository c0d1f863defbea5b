// SPDX-License-Identifier: Apache-2.0
// Making a container: plan, runtime, pause process.
#ifndef PLURALITY_LEAD_H
#define PLURALITY_LEAD_H

#include "election.h"
#include "monitor.h"

// Returns when ranks may join, or when the directory was removed from under the leader, as what a dead one
// left. Ends the process with 125, after it has said why, when there will be no container.
void make_container(const struct context *context, struct lead *lead);
// --dry-run: the planner says what it would do. Ends the process.
_Noreturn void dry_run(struct context *context);

#endif
