// SPDX-License-Identifier: Apache-2.0
// The pause process: it does nothing but hold a container's second user namespace, where ranks have their own
// uid, and a mount namespace that belongs to it, and, if the container has processes of its own, the namespace
// of these, whose first process it is. It ends with the monitor.
#ifndef PLURALITY_PAUSE_H
#define PLURALITY_PAUSE_H

#include <stdbool.h>
#include <sys/types.h>

struct pause {
	// Of the process that the runtime made.
	pid_t init;
	unsigned uid;
	unsigned gid;
	const char *workdir;
	bool own_processes;
	bool own_ipc;
	// With a loopback interface only.
	bool own_network;
};

// The processes that hold the namespaces, as this one sees them: the pause process, and its parents inside.
struct paused {
	pid_t pid;
	pid_t parent;
	pid_t child;
	// The pipe whose end ends it.
	int life;
};

// Returns false, after a line on standard error that says why, when there is none. It lives until all copies of
// this process's end of its pipe are closed.
bool start_pause(const struct pause *pause, struct paused *paused);

#endif
