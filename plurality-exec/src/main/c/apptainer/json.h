// SPDX-License-Identifier: Apache-2.0
// What our own programs print as JSON: enough of it to find strings in an object.
#ifndef PLURALITY_APPTAINER_JSON_H
#define PLURALITY_APPTAINER_JSON_H

#include "../text.h"

// Returns where the value of an object's own member begins, or NULL. `object` begins with its brace.
const char *member_of(const char *object, const char *name);
// Returns a member that is a string, or NULL.
char *string_in(const char *object, const char *name);
// Adds the strings of an array. Returns false when it is none.
bool add_array(const char *array, struct list *strings);
// Adds name and value, in turn, of each member of an object that is a string. Returns false when it is none.
bool add_members(const char *object, struct list *strings);

#endif
