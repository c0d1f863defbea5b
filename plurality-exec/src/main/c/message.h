// SPDX-License-Identifier: Apache-2.0
// What the launcher says: on standard error, two lines for each failure.
#ifndef PLURALITY_MESSAGE_H
#define PLURALITY_MESSAGE_H

#include <stdbool.h>

#define EXIT_LAUNCH 125
#define FREE_SPACE "free space on this node, or set PLURALITY_RUN_DIR"

// Whether this process is called apptainer or singularity: share/compat/bin starts it by that name. Then errors
// begin with FATAL, and the launcher's own status is 255.
bool is_apptainer(void);
// Returns the status with which a launch fails.
int launch_status(void);
// Prints on standard error what the planner or another process has said in the form below.
void print_said(const char *text);

// Prints `plurality-exec: MESSAGE` and `hint: HINT`, and ends the process with launch_status().
_Noreturn void fail(const char *hint, const char *message, ...) __attribute__((format(printf, 2, 3)));
// The same on standard error, without an end.
void complain(const char *hint, const char *message, ...) __attribute__((format(printf, 2, 3)));
// The same in one line.
void complain_briefly(const char *message, ...) __attribute__((format(printf, 1, 2)));
// Returns what errno means, in the kernel's words.
const char *reason(void);
// Returns what to do where something could not be made or opened in the run directory: by errno, or what is given.
const char *place_hint(const char *otherwise);

#endif
