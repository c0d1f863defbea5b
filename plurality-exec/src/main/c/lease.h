// SPDX-License-Identifier: Apache-2.0
// Leases, by the contract in docs/cache-format.md, which lease.Leases keeps, too.
#ifndef PLURALITY_LEASE_H
#define PLURALITY_LEASE_H

#include "context.h"

struct lease {
	// The digest's directory of leases, and what is cut from its files' mode, in octal; NULL where users may take none.
	const char *directory;
	const char *umask;
	const char *digest;
	const char *user;
};

// A process told apart on any host.
struct identity {
	const char *host;
	const char *boot;
	const char *namespace;
	pid_t pid;
	unsigned long long ticks;
	unsigned uid;
};

bool identify(pid_t pid, struct identity *identity);
// Fills the name and the member "holder" of a lease for the scheduler's job, else for the process. Returns false for
// what JSON would have to write in another way.
bool describe_lease(const struct list *environment, const struct identity *identity, char **id, char **holder);
// Returns true when there is a lease now, or this user may take none. The planner reports everything else.
bool take_lease(const struct context *context, const struct lease *lease, pid_t owner);
// Notes the path of a lease that ends with its process, for the monitor.
void name_lease(const struct context *context, int at, const char *directory, pid_t owner);
// Notes a job's lease for the node's epilog: a job of srun or salloc is over when it ends, which the scheduler
// cannot tell of its lease.
void note_lease(const struct context *context, const char *directory);
// Removes leases in a directory of this user's processes that have ended, of this boot and process namespace.
void reap_leases(const char *directory);
// Removes notes that no epilog took in thirty days.
void forget_notes(int run);

#endif
