// SPDX-License-Identifier: Apache-2.0
#include "lease.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "process.h"
#include "variables.h"

#define ID_MOST 128
// Most names of a directory that are looked at.
#define LOOKED_MOST 1000
#define NOTES_DAYS 30
// Most that is read of a file that is to be noted in.
#define NOTES_MOST ((size_t)1 << 20)

// Whether it stands in a JSON string as it is.
static bool is_plain(const char *text) {
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ' || *text == 0x7f) {
			return false;
		}
	}
	return true;
}

static char *line_of(const char *path) {
	char *line = read_host(AT_FDCWD, path, NULL);
	if (line != NULL) {
		line[strcspn(line, "\n")] = '\0';
	}
	return line;
}

bool identify(pid_t pid, struct identity *identity) {
	char target[64];
	ssize_t length = readlink("/proc/self/ns/pid", target, sizeof target - 1);
	*identity = (struct identity){.pid = pid, .ticks = start_ticks(pid), .uid = geteuid()};
	identity->host = line_of("/proc/sys/kernel/hostname");
	identity->boot = line_of("/proc/sys/kernel/random/boot_id");
	identity->namespace = length <= 0 ? NULL : copy_bytes(target, (size_t)length);
	return identity->ticks != 0 && identity->host != NULL && identity->boot != NULL && identity->namespace != NULL;
}

// Any other character becomes `_`, and what is longer is cut.
static char *safe(char *id) {
	for (size_t i = 0; id[i] != '\0'; i++) {
		if (i == ID_MOST) {
			id[i] = '\0';
			break;
		}
		id[i] = isalnum((unsigned char)id[i]) || strchr("._-", id[i]) != NULL ? id[i] : '_';
	}
	return id;
}

bool describe_lease(const struct list *environment, const struct identity *identity, char **id, char **holder) {
	const char *slurm = value_of(environment, "SLURM_JOB_ID"), *cluster = value_of(environment, "SLURM_CLUSTER_NAME");
	const char *pbs = value_of(environment, "PBS_JOBID");
	if (*slurm != '\0') {
		*id = safe(format("slurm-%s%s%s", cluster, *cluster == '\0' ? "" : "-", slurm));
		*holder = *cluster == '\0' ? format("\"kind\":\"slurm\",\"jobId\":\"%s\"", slurm)
		                           : format("\"kind\":\"slurm\",\"jobId\":\"%s\",\"cluster\":\"%s\"", slurm, cluster);
		return is_plain(slurm) && is_plain(cluster);
	}
	if (*pbs != '\0') {
		*id = safe(format("pbs-%s", pbs));
		*holder = format("\"kind\":\"pbs\",\"jobId\":\"%s\"", pbs);
		return is_plain(pbs);
	}
	*id = safe(format("process-u%u-%s-%.8s-%d-%llu", identity->uid, identity->host, identity->boot, (int)identity->pid, identity->ticks));
	*holder = format("\"kind\":\"process\",\"host\":\"%s\",\"bootId\":\"%s\",\"pid\":%d,\"startTicks\":%llu,\"pidNamespace\":\"%s\",\"uid\":%u",
	                 identity->host, identity->boot, (int)identity->pid, identity->ticks, identity->namespace, identity->uid);
	return is_plain(identity->host);
}

// Whether what has the lease's name is the lease, taken by another node of the job. `owner` is the cache's.
static bool is_taken(const struct stat *status, uid_t owner) {
	return S_ISREG(status->st_mode) && status->st_size > 0 && (status->st_uid == geteuid() || status->st_uid == 0 || status->st_uid == owner);
}

// Steps 2 to 7 of the contract in docs/cache-format.md. All of it is there, or nothing.
static bool write_lease(int at, const char *name, const char *temporary, const char *text, mode_t mode) {
	int file = openat(at, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0) {
		return false;
	}
	// A lease that others cannot read holds, too.
	(void)fchmod(file, mode);
	bool well = write_all(file, text, strlen(text));
	well = close(file) == 0 && well;
	if (well && renameat(at, temporary, at, name) != 0) {
		// On NFS a rename can succeed although it returns an error.
		well = !exists(at, temporary) && exists(at, name);
	}
	if (!well) {
		unlinkat(at, temporary, 0);
	}
	return well;
}

static bool may_take_none(const char *directory) {
	char *parent = copy_of(directory), *slash = strrchr(parent, '/');
	if (slash != NULL) {
		*slash = '\0';
	}
	// The owner of such a cache keeps images by their age.
	return access(directory, F_OK) != 0 && access(parent, W_OK) != 0 && (errno == EACCES || errno == EPERM || errno == EROFS);
}

// Names of three kinds, as long as one is not in the way. The third is the planner's to try.
static bool take(int at, char *id, const struct lease *lease, const struct identity *identity, const char *holder) {
	struct stat status, cache;
	struct timespec now;
	// DIRECTORY is leases/HEX of the cache.
	if (fstatat(at, "../..", &cache, 0) != 0) {
		return false;
	}
	for (int i = 0; i < 2; i++) {
		char *end = format("-u%u", identity->uid);
		char *name = i == 0 ? format("%s.json", id) : format("%.*s%s.json", (int)(ID_MOST - strlen(end)), id, end);
		if (fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
			if (is_taken(&status, cache.st_uid)) {
				return true;
			}
			if (status.st_uid != identity->uid || S_ISDIR(status.st_mode)) {
				continue;
			}
		} else if (errno != ENOENT) {
			return false;
		}
		clock_gettime(CLOCK_REALTIME, &now);
		char *temporary = format(".new-%llu.%ld~%s~%s~%d~%llu~%s~%u", (unsigned long long)now.tv_sec, now.tv_nsec, identity->host, identity->boot, (int)getpid(),
		                         start_ticks(getpid()), identity->namespace, identity->uid);
		return write_lease(at, name, temporary,
		                   format("{\"format\":1,\"digest\":\"%s\",\"holder\":{%s},\"user\":\"%s\",\"takenAtMillis\":%lld}\n", lease->digest, holder, lease->user,
		                          (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000),
		                   0666 & ~(mode_t)strtoul(lease->umask, NULL, 8));
	}
	return false;
}

bool take_lease(const struct context *context, const struct lease *lease, pid_t owner) {
	struct identity identity;
	char *id, *holder;
	if (lease->umask == NULL || *lease->umask == '\0') {
		return may_take_none(lease->directory);
	}
	if (!identify(owner, &identity) || !describe_lease(&context->environment, &identity, &id, &holder) || !is_plain(lease->user) || !is_plain(lease->digest)) {
		return false;
	}
	// In a shared cache another user may have put a link there.
	int at = open(lease->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool taken = at >= 0 && take(at, id, lease, &identity, holder);
	if (at >= 0) {
		close(at);
	}
	return taken;
}

static bool has_job(const struct list *environment) {
	return *value_of(environment, "SLURM_JOB_ID") != '\0' || *value_of(environment, "PBS_JOBID") != '\0';
}

void name_lease(const struct context *context, int at, const char *directory, pid_t owner) {
	struct identity identity;
	char *id, *holder;
	if (directory != NULL && !has_job(&context->environment) && identify(owner, &identity) && describe_lease(&context->environment, &identity, &id, &holder) &&
	    !write_text(at, "lease", format("%s/%s.json", directory, id))) {
		debug(context, "cannot note the lease: it ends with an expiry");
	}
}

void note_lease(const struct context *context, const char *directory) {
	struct identity identity;
	char *id, *holder;
	const char *job = value_of(&context->environment, "SLURM_JOB_ID");
	unsigned long long number;
	struct stat status;
	// A batch job may be queued again.
	if (!parse_number(job, ~0ULL, &number) || strcmp(value_of(&context->environment, "ENVIRONMENT"), "BATCH") == 0 || directory == NULL ||
	    !identify(context->pid, &identity) || !describe_lease(&context->environment, &identity, &id, &holder)) {
		return;
	}
	char *line = format("%s/%s.json\n", directory, id);
	mkdirat(context->run, "leases", 0700);
	int leases = open_own_directory(context->run, "leases");
	const char *noted = leases < 0 ? NULL : read_own(leases, format("s%s", job), NULL);
	if (leases >= 0 && (noted == NULL || strstr(noted, line) == NULL)) {
		int file = openat(leases, format("s%s", job), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
		if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size < NOTES_MOST && !write_all(file, line, strlen(line))) {
			debug(context, "cannot note the lease: a job's end does not release it");
		}
		if (file >= 0) {
			close(file);
		}
	}
	if (leases >= 0) {
		close(leases);
	}
}

void reap_leases(const char *directory) {
	struct identity identity;
	bool known = identify(getpid(), &identity);
	if (!known) {
		return;
	}
	char *beginning = format("process-u%u-%s-%.8s-", identity.uid, identity.host, identity.boot);
	struct walk walk = walk_in(AT_FDCWD, directory);
	for (int looked = 0; looked < LOOKED_MOST && next_name(&walk); looked++) {
		struct process process;
		char *numbers = starts_with(walk.name, beginning) && ends_with(walk.name, ".json") ? copy_of(walk.name + strlen(beginning)) : NULL;
		char *dash = numbers == NULL ? NULL : strchr(numbers, '-'), *end = numbers == NULL ? NULL : strrchr(numbers, '.');
		if (dash == NULL || end == NULL) {
			continue;
		}
		*dash = ' ';
		*end = '\0';
		// What cannot be told is left to who expires.
		const char *text = parse_process(numbers, &process) && start_ticks(process.pid) != process.ticks ? read_own(walk.at, walk.name, NULL) : NULL;
		if (text != NULL && strstr(text, format("\"%s\"", identity.boot)) != NULL && strstr(text, format("\"%s\"", identity.namespace)) != NULL) {
			unlinkat(walk.at, walk.name, 0);
		}
	}
	end_walk(&walk);
}

void forget_notes(int run) {
	for (struct walk walk = walk_in(run, "leases"); next_name(&walk);) {
		struct stat status;
		if (fstatat(walk.at, walk.name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && time(NULL) - status.st_mtime > NOTES_DAYS * 24 * 3600) {
			unlinkat(walk.at, walk.name, 0);
		}
	}
}
