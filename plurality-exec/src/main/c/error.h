// SPDX-License-Identifier: Apache-2.0
// What a failed launch is to say: in the file `error` of the container's directory, which the leader prints;
// and what the node says of why it failed.
#ifndef PLURALITY_ERROR_H
#define PLURALITY_ERROR_H

#include <stdbool.h>

// Replaces the file. Where that cannot be written, standard error has it at once.
void set_error(int at, const char *message, const char *hint);
// Whether the directory takes a file of some size now; else errno says why not.
bool has_room(int at);
// Returns the limit on address space for people, or NULL where there is none.
const char *address_space(void);
// Returns the limit on user namespaces where it is so low that it may be the reason, or NULL.
const char *namespace_limit(void);
// Whether this process is in a user namespace that is not the first.
bool in_user_namespace(void);

#endif
