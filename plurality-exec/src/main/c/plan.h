// SPDX-License-Identifier: Apache-2.0
// Kept plans: a launch that a node has seen before needs no planner. What a plan was made from is compared with
// what is there now.
//
// RUN/plans/NAME/request   what the plan was made for
//                files/    what the planner wrote; @plurality@ in config.json refers to the container's directory
//                facts     what it was made from (launch.PlanInputs), with copies in facts.d/
//                used      whose time is that of the last launch
//                before/   the files that the launcher knows by itself, as they were before the planner looked
// A plan is only ever made by a rename and removed whole.
#ifndef PLURALITY_PLAN_H
#define PLURALITY_PLAN_H

#include "context.h"

// Fills the container's directory `at` with a plan that holds, takes the lease for `owner`, and returns the
// plan's name; NULL when there is none. In any case writes what a plan is to be kept with.
char *reuse_plan(const struct context *context, int at, pid_t owner);
// Whatever is wrong with it: the next launch has a new one.
void forget_plan(int run, const char *name);
// Writes what every plan depends on, and the request.
bool write_before(const struct context *context, int at);
// Keeps the plan of a container's directory, unless it is good for that launch only. For the monitor:
// `directory` is its path.
void keep_plan(int run, int at, const char *directory, const struct list *environment);

#endif
