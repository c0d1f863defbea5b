// SPDX-License-Identifier: Apache-2.0
// Ends what a dead leader or a job started: planner, runtime, monitor, pause process, mounter and file server.
// They write into files of a container's directory, or serve a mount in it.
#ifndef PLURALITY_ENDING_H
#define PLURALITY_ENDING_H

#include <sys/stat.h>

#include "context.h"

// Files by which processes are known, of any number of containers.
struct traces {
	struct trace *items;
	size_t count;
	size_t room;
	// Paths of directories that something is mounted in.
	struct list mounted;
};

struct trace {
	dev_t device;
	ino_t inode;
	// The descriptor that it is open at.
	int descriptor;
};

// Adds those of the container whose directory is open in `at`.
void add_traces(struct traces *traces, int at, const char *path);
// Kills this user's processes that leave these traces, by one walk through all; returns whether there were any.
bool end_processes(const struct traces *traces);

#endif
