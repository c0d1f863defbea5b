// SPDX-License-Identifier: Apache-2.0
// Settings that are needed before the planner runs: of a flag, the environment, the user's configuration file
// and the site's, in this order.
#ifndef PLURALITY_SETTINGS_H
#define PLURALITY_SETTINGS_H

#include "context.h"

// A step with --export=NONE gets only Slurm's own variables. What was staged in for this job is in one that has such a
// name: "JOBID PINS", or "- PINS" where the job had no number yet.
void take_pins(struct list *environment);
// Sets HOME, where it is unset, to the home of the user's passwd entry, and PWD to the working directory.
void complete_environment(struct context *context);
void read_settings(struct context *context);
// Whether ranks share is decided with the command line known.
void decide_sharing(struct context *context);
// Parses a time such as "90s", "5 min" or "none" into seconds.
bool parse_patience(const char *text, unsigned long long *seconds);
// Returns how many tasks Slurm's "2(x3),1" gives the node with this index.
unsigned long long tasks_of_node(const char *list, unsigned long long node);
// Returns the value of a key in a line `key = "value"`, or NULL.
char *setting_in(const char *line, size_t length, const char *key);
// Returns the home of a user in the text of a passwd file, or NULL.
char *home_in(const char *passwd, unsigned long long uid);
// Returns the path of the user's configuration file.
char *user_file(const struct list *environment);
// Which of the node's ranks of its step this is; NULL when no launcher says so.
const char *local_rank(const struct context *context);
bool is_first_here(const struct context *context);

#define SITE_FILE "/etc/plurality/plurality.toml"

#endif
