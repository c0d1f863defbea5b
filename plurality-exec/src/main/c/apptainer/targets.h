// SPDX-License-Identifier: Apache-2.0
// Mount points below something that is mounted itself: as Apptainer does, they are made in the host's directory.
#ifndef PLURALITY_APPTAINER_TARGETS_H
#define PLURALITY_APPTAINER_TARGETS_H

#include "../text.h"

// Pairs of a source and a destination, both absolute, in the order in which they are mounted.
struct targets {
	struct list sources;
	struct list destinations;
};

void add_target(struct targets *targets, const char *source, const char *destination);
// Adds the binds of one value of --bind; `here` is the working directory.
void add_bind_targets(struct targets *targets, const char *value, const char *here);
// Adds the bind of one value of --mount, if it is one.
void add_mount_target(struct targets *targets, const char *value, const char *here);
// Makes the mount points that are missing. What cannot be made is the launch's to say.
void make_targets(const struct targets *targets);

#endif
