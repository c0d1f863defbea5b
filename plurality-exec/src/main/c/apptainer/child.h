// SPDX-License-Identifier: Apache-2.0
// Programs of Plurality that are started and waited for.
#ifndef PLURALITY_APPTAINER_CHILD_H
#define PLURALITY_APPTAINER_CHILD_H

#include "../text.h"

// How much of what a child says on standard error is passed on.
enum loudness { ALL_LINES, NO_PROGRESS, ERRORS_ONLY };

// Runs a program whose standard output is returned in `output`, and passes its standard error on in the words
// of Apptainer: INFO, WARNING and FATAL. Returns its exit status, or 128 and the signal's number.
int run_child(const struct list *command, const struct list *environment, enum loudness loudness, struct text *output);
// Returns a line in these words; `line` has no end. NULL for one that is not to be said.
char *worded(const char *line, enum loudness loudness);

#endif
