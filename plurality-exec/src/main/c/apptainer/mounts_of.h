// SPDX-License-Identifier: Apache-2.0
// What of the host a command line brings into the container, and where the program starts.
#ifndef PLURALITY_APPTAINER_MOUNTS_OF_H
#define PLURALITY_APPTAINER_MOUNTS_OF_H

#include "launch.h"

void add_mounts(const struct line *line, const struct place *place, struct list *words);
// Makes mount points that lie below another bind of the command line, or below home and working directory.
void make_mount_points(const struct line *line, const struct place *place);
// Whether a directory belongs to a user.
bool is_owned_by(const char *directory, unsigned owner);
// Returns the registry of a name, Docker's where it has none.
char *registry_of(const char *name);

#endif
