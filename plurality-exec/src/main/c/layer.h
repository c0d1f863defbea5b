// SPDX-License-Identifier: Apache-2.0
// The writable layer of a named container: mounted over its image before the runtime is started, since a runtime lets
// nothing be mounted on the root itself.
#ifndef PLURALITY_LAYER_H
#define PLURALITY_LAYER_H

#define LAYER_NAME "plurality-layer"

// plurality-layer OPTIONS ROOT COMMAND...: mounts an overlay with these options on ROOT, in a user and a mount
// namespace of its own in which the user's ids are as before, and becomes COMMAND, which has no privilege in there.
// 125 and two lines when that cannot be done.
int layer_main(char **arguments, char **environment);

#endif
