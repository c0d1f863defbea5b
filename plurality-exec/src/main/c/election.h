// SPDX-License-Identifier: Apache-2.0
// Who makes a container: the rank whose directory gets the name, by one rename. The others follow it.
#ifndef PLURALITY_ELECTION_H
#define PLURALITY_ELECTION_H

#include "context.h"

// Fills what a leader holds. `gate` is the end of its pipe; its close wakes those that follow.
struct lead {
	int at;
	int gate;
};

// Lets the first rank of a node's step go ahead for a moment. Returns whether the directory is there.
bool yield_to_first(const struct context *context);
// Returns whether this rank is the leader now.
bool take_lead(const struct context *context, struct lead *lead);
// Waits until the leader is ready, has failed or is dead; returns when it is time to look again. `first` says
// that it has not looked before. `start` is moved on while an image is staged in.
void follow(const struct context *context, bool first, double *start);
// Whether another rank has said that it waited in vain, since `began` in seconds of the Unix epoch; else it is
// to be said by this one.
bool is_late_said(const struct context *context, long long began);
double seconds_now(void);

#endif
