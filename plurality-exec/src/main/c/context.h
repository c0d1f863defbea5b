// SPDX-License-Identifier: Apache-2.0
// All that the launcher knows of one invocation. There is no other state.
#ifndef PLURALITY_CONTEXT_H
#define PLURALITY_CONTEXT_H

#include <signal.h>
#include <sys/types.h>

#include "text.h"

// What the command line says.
struct request {
	// Options that make another container, in order; `modes` are those that do not.
	struct list options;
	struct list modes;
	// Of the options those that a pull has, too.
	struct list places;
	// What follows the options, and of that the command.
	struct list rest;
	struct list command;
	const char *image;
	const char *edf;
	const char *share;
	const char *pull;
	// A script that runs the command, and what an image that is missing is staged in from; or NULL.
	const char *shell;
	const char *from;
	// --help, --version or an option that is not known: the planner's to answer.
	bool information;
	bool debug;
	bool dry;
	bool quiet;
};

// What is needed before the planner runs: of the environment and of the two configuration files.
struct settings {
	const char *run;
	const char *edf;
	bool shared;
	bool pull_missing;
	unsigned long long patience_s;
	unsigned long long tasks;
};

// How the process was started, for the program that it becomes.
struct origin {
	struct sigaction pipe;
	struct sigaction file_size;
	struct sigaction child;
	sigset_t blocked;
	mode_t umask;
};

struct context {
	char **arguments;
	struct list environment;
	struct origin origin;
	struct request request;
	struct settings settings;
	pid_t pid;
	unsigned long long ticks;
	// Of the installation; NULL until asked for.
	const char *prefix;
	// The working directory, by the name that the caller has for it.
	const char *here;
	// What ranks that share a container have in common.
	const char *common;
	// The run directory, or -1; the container's name in it, its whole path, and, where the name is a short one,
	// all of it.
	int run;
	const char *name;
	const char *directory;
	const char *long_name;
};

// Says on standard error, with the time, how far a launch is, if --debug asks for it.
void debug(const struct context *context, const char *message, ...) __attribute__((format(printf, 2, 3)));

#endif
