// SPDX-License-Identifier: Apache-2.0
// Translates exec, run and shell into a command line of plurality-exec and its environment.
#ifndef PLURALITY_APPTAINER_LAUNCH_H
#define PLURALITY_APPTAINER_LAUNCH_H

#include "image.h"
#include "line.h"

// Where the user is, for the translation.
struct place {
	const char *home;
	const char *here;
	unsigned user;
	// Whether a cache is set by a variable or a configuration file, so that it is no matter of ours.
	bool has_cache;
	bool has_site_caches;
};

// Fills the words behind the program's name, and changes the environment. `global` has the options before the
// command.
void translate(const struct line *global, const struct line *line, const struct place *place, const struct image *image, struct list *words,
               struct list *environment);

#endif
