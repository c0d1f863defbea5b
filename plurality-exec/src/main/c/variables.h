// SPDX-License-Identifier: Apache-2.0
// A list of NAME=VALUE strings. Of a name that is there twice, the first counts, as for getenv.
#ifndef PLURALITY_VARIABLES_H
#define PLURALITY_VARIABLES_H

#include "text.h"

// Returns NULL when there is none.
const char *variable(const struct list *variables, const char *name);
// The same, or an empty string.
const char *value_of(const struct list *variables, const char *name);
void set_variable(struct list *variables, const char *name, const char *value);
void unset_variable(struct list *variables, const char *name);
// Sets each NAME=VALUE of another list.
void set_variables(struct list *variables, const struct list *others);
// Keeps variables whose name fits a pattern of the form `A_*|B`.
void keep_variables(struct list *variables, const char *pattern);
// Drops them.
void drop_variables(struct list *variables, const char *pattern);

#endif
