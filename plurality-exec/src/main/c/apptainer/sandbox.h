// SPDX-License-Identifier: Apache-2.0
// A directory of the user's own with the root filesystem of an image.
#ifndef PLURALITY_APPTAINER_SANDBOX_H
#define PLURALITY_APPTAINER_SANDBOX_H

#include "../text.h"

// Makes it of the image that `json` describes, or ends the process.
void make_sandbox(const char *json, const char *prefix, const char *directory, bool force, struct list *environment);

#endif
