// SPDX-License-Identifier: Apache-2.0
// pull and build: stage an image in, and write a file that refers to it.
#ifndef PLURALITY_APPTAINER_PULL_H
#define PLURALITY_APPTAINER_PULL_H

#include "launch.h"

// Ends the process. `prefix` is the installation's directory.
_Noreturn void pull(const struct line *global, const struct line *line, const struct place *place, const char *prefix, struct list *environment);
_Noreturn void build(const struct line *global, const struct line *line, const struct place *place, const char *prefix, struct list *environment);

// Returns the file's name that Apptainer makes of a source.
char *usual_file(const char *source);

#endif
