// SPDX-License-Identifier: Apache-2.0
// A command line of Apptainer, parsed as its own parser does: options end at the first word that is none.
#ifndef PLURALITY_APPTAINER_LINE_H
#define PLURALITY_APPTAINER_LINE_H

#include "../text.h"

// Options that mean something here. Of all others the table says whether they are true in any case, or refused.
enum id {
	NO_ID,
	// Before the command.
	QUIET,
	SILENT,
	VERBOSE,
	DEBUG,
	HELP,
	VERSION,
	// Of exec, run and shell.
	AUTHFILE,
	BIND,
	CLEANENV,
	COMPAT,
	CONTAIN,
	CONTAINALL,
	CWD,
	DOCKER_HOST,
	ENV,
	ENV_FILE,
	HOME,
	IPC,
	MOUNT,
	NET,
	NETWORK,
	NO_EVAL,
	NO_HOME,
	NO_HTTPS,
	NO_MOUNT,
	NO_PID,
	NO_UMASK,
	NV,
	OVERLAY,
	PID,
	ROCM,
	SCRATCH,
	SHELL,
	WORKDIR,
	WRITABLE,
	WRITABLE_TMPFS,
	// Of pull and build, and of commands for people.
	ALL,
	ARCH,
	DAYS,
	DEFFILE,
	DIRECTORY,
	DRY_RUN,
	ENVIRONMENT,
	FORCE,
	JSON,
	LABELS,
	NAME,
	PASSWORD_STDIN,
	RUNSCRIPT,
	SANDBOX,
	TYPE,
	USERNAME,
	IDS,
};

enum form {
	SWITCH,   // alone, or =true and =false
	VALUE,    // the last value counts
	LIST,     // all values count
	ACCEPTED, // a switch for what is so in any case
	ACCEPTED_VALUE,
	REFUSED,  // a switch
	REFUSED_VALUE,
};

struct option {
	const char *name;
	char letter;
	enum form form;
	enum id id;
	// Names of variables that set it, behind APPTAINER_ or SINGULARITY_, with blanks between; or NULL.
	const char *variables;
	// Of a refused option: what to do instead.
	const char *hint;
};

struct line {
	const char *command;
	struct list values[IDS];
	// What follows the options.
	struct list rest;
};

// The options of a command, ended by one without a name; NULL for a command that is not known.
const struct option *options_of(const char *command);

// Parses a command's words, NULL at the end. An option that is not known ends the process with 1, a refused one
// with 255.
void parse_line(struct line *line, const char *command, char **words);
// Adds what variables of the environment set, unless the command line did; lists get both.
void add_settings(struct line *line, const struct list *environment);

bool is_on(const struct line *line, enum id id);
// Returns the last value, or NULL.
const char *value_for(const struct line *line, enum id id);
// Returns the value of APPTAINER_NAME, else of SINGULARITY_NAME; NULL if neither is set to something.
const char *setting_for(const struct list *environment, const char *name);

#endif
