// SPDX-License-Identifier: Apache-2.0
// The facts that a plan was made from: launch.PlanInputs writes them, a line each, with copies of files beside them.
#ifndef PLURALITY_FACTS_H
#define PLURALITY_FACTS_H

#include "lease.h"

// An entry's document and its copy: compared last, once the lease is there.
struct entry {
	const char *copy;
	const char *path;
};

// Whether all of a plan's facts hold now; fills what the lease needs. A fact that is not known holds never.
bool facts_hold(int plan, struct lease *lease, struct entry *entry);
bool is_as_copied(int plan, const struct entry *entry);

#endif
