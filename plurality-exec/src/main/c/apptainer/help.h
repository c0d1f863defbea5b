// SPDX-License-Identifier: Apache-2.0
// --help, --version, and commands that there are not.
#ifndef PLURALITY_APPTAINER_HELP_H
#define PLURALITY_APPTAINER_HELP_H

#include "line.h"

// Answers if the line asks for something to be said, or has no command that is known. Returns otherwise.
void answer_for_people(const struct line *line);

#endif
