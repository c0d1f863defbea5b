// SPDX-License-Identifier: Apache-2.0
// The run directory: node-local, the user's own and closed to others. Every path below it is reached by a
// descriptor of it.
//
// RUN/new-PID.TICKS/       a container's directory on its way to its name: its leader's number and start
// RUN/node-STEP.../        a container's directory (see below)
// RUN/node-....ending-PID/ the same, which its monitor removes
// RUN/grave-PID.TICKS/     what a dead leader left; the rank that makes the grave of a leader buries it
// RUN/plans/               kept plans (plan.h)
// RUN/leases/sJOB          leases for an epilog to release (lease.h)
//
// In a container's directory:
//
// file          written by       read by            its presence means
// leader        leader           followers, sweep   the directory is whole; PID and start of its leader
// gate          leader           followers          a pipe: its end says that the leader is done, or dead
// name          leader           followers          the whole request, where the name is a hash of it
// ranks/PID     each rank        monitor            a rank is on its way in, or inside
// before/N      leader           monitor            what the launcher looked at before the planner looked
// request       leader           monitor            what the plan was made for
// error         planner, leader  leader             what is to be printed if the launch fails
// staging       leader, mounter  followers          an image is staged in or copied: no time-out runs
// mounts        planner          mounter            what to mount before the image can be looked at
// mounted       mounter          planner, leader    PID of a process in whose namespaces it is mounted
// refused       mounter          leader             the kernel does not mount FUSE in a user namespace
// fused         leader           mounter, sweep     fusermount3 has mounted the image
// mounts.error  mounter, leader  leader             what is to be printed if the mounting failed
// mounts.log    mounter          leader, sweep      open in the mounter and the file server
// plan          planner          leader, monitor    runtime, ids, working directory: a line each
// environment   planner          ranks              variables of ranks, each ended by a NUL
// command, entrypoint  planner   ranks              words of the image's command, each ended by a NUL
// config.json   planner          runtime            the bundle
// facts, facts.d  planner        monitor            what the plan was made from; it may be kept
// reused        leader           monitor            the plan is a kept one
// lease         leader           monitor            path of a lease that ends with the container's processes
// runc/, runc.log  runtime       people             its state, and what it said
// runc.out      runtime          leader, sweep      open in the runtime and in the process that it made
// init.pid      runtime          leader             that process
// monitor.log   monitor          ranks, sweep       open in the monitor and the pause process
// ready         monitor          ranks              ranks may join: the plan's lines and the pause process
// failed        leader           followers          the launch failed, at this uptime; the leader has said so
// told-RANK     followers        followers          this rank of the launcher has heard of the failure
// late          a follower       followers          one has said that it waited in vain
#ifndef PLURALITY_RUNDIR_H
#define PLURALITY_RUNDIR_H

#include "context.h"
#include "process.h"

// Opens it into context->run, making it if `make`. Returns false when there is none; ends the process when it
// is not to be trusted.
bool open_run_directory(struct context *context, bool make);
// Fills name, directory, long_name and common.
void name_container(struct context *context);
// Returns a text as the name of a file: a text for each.
char *escaped(const char *text);

// What a rank finds. LEADING: a leader makes the container. READY: it may be joined. ENDED: its monitor is gone, and
// what is left of it goes with the next election.
enum state { ABSENT, LEADING, READY, ENDED };

// A container as its file `ready` describes it.
struct container {
	int at;
	const char *workdir;
	// Patterns of the variables that --cleanenv keeps, or NULL.
	const char *kept;
	bool has_entrypoint;
	bool own_processes;
	bool own_ipc;
	bool own_network;
	struct process pause;
};

// Looks for the container. Its directory is open in `at`, or that is -1 for one that is absent.
enum state find_container(const struct context *context, struct container *container);
// Parses the text of a file `ready`; returns false when it is not whole.
bool parse_ready(char *text, struct container *container);

#endif
