// SPDX-License-Identifier: Apache-2.0
// Processes: which one it is, and how one is started.
#ifndef PLURALITY_PROCESS_H
#define PLURALITY_PROCESS_H

#include "context.h"

// A process told apart from a later one with its number; `ticks` of its start, since the node's.
struct process {
	pid_t pid;
	unsigned long long ticks;
};

// No kernel has more processes.
#define PID_MOST (1 << 22)

// Returns 0 when there is none.
unsigned long long start_ticks(pid_t pid);
// False for one that has ended and was not waited for.
bool is_running(struct process process);
bool has_executable(pid_t pid);
// Parses "PID TICKS".
bool parse_process(const char *text, struct process *process);

// Notes signal dispositions, mask and umask; ignores SIGPIPE and SIGXFSZ, whose reasons a write says.
void note_origin(struct origin *origin);
// Puts them back.
void restore_origin(const struct origin *origin);

// What a child is to be. Descriptors are of this process; all others are closed in it.
struct child {
	char *const *arguments;
	char *const *environment;
	int input;
	int output;
	int errors;
	// Whether it is killed when this process ends.
	bool tied;
	// Whether it has the caller's umask; else 022.
	bool with_umask;
	// Namespaces to enter first, or -1.
	int user_namespace;
	int mount_namespace;
};

// Starts a program, or ends this process with 125 when it cannot even fork.
pid_t start(const struct context *context, const struct child *child);
// Waits; returns the exit status, or 128 and the signal's number.
int wait_for(pid_t pid);
// Returns the first line that a program prints, without its end; NULL when it prints none.
char *first_line_of(const struct context *context, char *const *arguments);

#endif
