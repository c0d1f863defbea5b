// SPDX-License-Identifier: Apache-2.0
// Looks after the ranks of a container by their files in `ranks`, seldom enough not to disturb them.
#ifndef PLURALITY_WATCH_H
#define PLURALITY_WATCH_H

#include "pause.h"

struct watch {
	// The run directory, and the container's in it by descriptor, name and path.
	int run;
	int at;
	char *name;
	const char *directory;
	// Path of a lease to release at the end, or NULL.
	const char *lease;
	// Nobody but its first rank joins it.
	bool alone;
	struct paused paused;
};

// Returns when no rank is left; the directory is removed and the lease released then.
void watch_ranks(struct watch *watch);

#endif
