// SPDX-License-Identifier: Apache-2.0
// What has to be mounted before an image can be looked at: a squashfs file, a writable layer. libexec/mounter
// does it, in namespaces of its own.
#ifndef PLURALITY_MOUNTS_H
#define PLURALITY_MOUNTS_H

#include "planner.h"

// Has the mounter mount what the file `mounts` names; what went wrong is in the file `mounts.error`.
bool mount_root(const struct context *context, struct planning *planning);
// Opens a file of the container's directory for what a child says, or ends the process.
int open_log(const struct planning *planning, const char *name);

#endif
