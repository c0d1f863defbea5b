// SPDX-License-Identifier: Apache-2.0
// What killed launches leave: directories, and processes that still write into their files.
#ifndef PLURALITY_DEBRIS_H
#define PLURALITY_DEBRIS_H

#include "context.h"
#include "process.h"

// Takes a container's directory away whose makers are gone. Of several ranks that try, the one that makes the
// grave of this leader succeeds.
void bury(const struct context *context, const char *name, struct process leader);
// The same for a directory without a leader: what a dead leader started has made it again, after it was buried.
void bury_debris(const struct context *context, const char *name);
// Removes what killed launches of this user left on this node, but for the directory of this launch.
void sweep(const struct context *context);
// Whether the launch that makes a directory new-PID.TICKS runs.
bool has_maker(const char *name);
// Whether a rank that is registered in a container's directory lives, other than this process.
bool ranks_live(int at);
// Unmounts an image that fusermount3 has mounted.
void unmount_fused(const struct context *context, int at, const char *path);

#endif
