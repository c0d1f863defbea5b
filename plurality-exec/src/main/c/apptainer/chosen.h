// SPDX-License-Identifier: Apache-2.0
// Variables of the container that the user chose: APPTAINERENV_NAME and SINGULARITYENV_NAME, --env-file, --env.
#ifndef PLURALITY_APPTAINER_CHOSEN_H
#define PLURALITY_APPTAINER_CHOSEN_H

#include "line.h"

struct chosen {
	// NAME=VALUE, a name once.
	struct list variables;
	// Those of them, by name, whose values are as they are: no shell is to evaluate them.
	struct list plain;
};

// Takes the variables of the command line and of the environment, from which it removes them. What Apptainer
// would warn of is a warning.
void choose_variables(const struct line *line, struct list *environment, struct chosen *chosen);
// Splits the value of --env into NAME=VALUE as Apptainer does. Ends the process if it has no such form.
void split_variables(const char *text, struct list *variables);
// Returns whether a shell would make something else of the value.
bool needs_shell(const char *value);
// Appends a command that exports the variable, evaluated as in double quotes unless `plain`. Returns false for a
// name that is none for a shell.
bool append_export(struct text *script, const char *variable, bool plain);
// Returns whether a variable is among those that are not to be evaluated.
bool is_plain_variable(const struct chosen *chosen, const char *variable);

#endif
