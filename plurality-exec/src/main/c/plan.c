// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "lease.h"
#include "process.h"
#include "settings.h"
#include "variables.h"

#define MOST 16
#define BEFORE 5
#define MARK "@plurality@"

// Of mounts, without the numbers that differ between namespaces: the first three fields.
static char *strip_numbers(const char *mounts) {
	struct text text = {0};
	append(&text, "");
	while (*mounts != '\0') {
		size_t length = strcspn(mounts, "\n");
		const char *end = mounts + length, *at = mounts;
		for (int i = 0; i < 3 && at < end; i++) {
			const char *blank = memchr(at, ' ', (size_t)(end - at));
			at = blank == NULL ? end : blank + 1;
		}
		append_bytes(&text, at, (size_t)(end - at));
		append(&text, "\n");
		mounts = end + (*end == '\n');
	}
	return text.bytes;
}

// What every plan depends on.
static bool read_before(const struct list *environment, const char *before[BEFORE]) {
	const char *const files[] = {user_file(environment), SITE_FILE, "/etc/passwd", "/etc/group"};
	for (int i = 0; i < BEFORE - 1; i++) {
		const char *text = read_host(AT_FDCWD, files[i], NULL);
		before[i] = text == NULL ? "" : text;
	}
	const char *mounts = read_host(AT_FDCWD, "/proc/self/mountinfo", NULL);
	before[BEFORE - 1] = mounts == NULL ? "" : strip_numbers(mounts);
	return mounts != NULL;
}

static bool is_before(int at, const char *const before[BEFORE]) {
	for (int i = 0; i < BEFORE; i++) {
		const char *text = read_own(at, format("before/%d", i), NULL);
		if (text == NULL || strcmp(text, before[i]) != 0) {
			return false;
		}
	}
	return true;
}

// Besides what ranks that share a container have in common: what the planner takes from the environment. Where
// the site fixes keys, the planner is to see all that sets one, though no plan depends on it.
static char *request_text(const struct context *context, const char *site) {
	static const char *const NAMES[] = {"HOME", "PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TZ", "PMIX_SERVER_TMPDIR"};
	static const char *const BOUND[] = {"TMPDIR", "PBS_NODEFILE"};
	static const char *const FIXED[] = {"PLURALITY_SHARE", "PLURALITY_PULL", "PLURALITY_RUN_DIR", "PLURALITY_LAUNCH_TIMEOUT", "PLURALITY_DEBUG"};
	struct text text = {0};
	// A plan of another version may have other files. The first line has the version and the build.
	const char *options = read_host(AT_FDCWD, format("%s/lib/exec.options", context->prefix), NULL);
	const char *version = options == NULL ? "" : copy_bytes(options, strcspn(options, "\n"));
	append(&text, format("%s\x1f%s\x1f%s\x1f%u", context->prefix, version, context->common, getegid()));
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		const char *value = variable(&context->environment, NAMES[i]);
		append(&text, format("\x1f%s", value == NULL ? "unset" : value));
	}
	// What is not below a directory that is bound anyway gets a bind of its own.
	for (size_t i = 0; i < sizeof BOUND / sizeof *BOUND; i++) {
		const char *value = value_of(&context->environment, BOUND[i]);
		if (*value != '\0' && !starts_with(value, "/tmp/") && !starts_with(value, "/var/tmp/")) {
			append(&text, format("\x1f%s=%s", BOUND[i], value));
		}
	}
	for (size_t i = 0; strstr(site, "fixed") != NULL && i < sizeof FIXED / sizeof *FIXED; i++) {
		append(&text, format("\x1f%s", value_of(&context->environment, FIXED[i])));
	}
	for (size_t i = 0; strstr(site, "fixed") != NULL && i < context->request.modes.count; i++) {
		append(&text, format("\x1f%s", context->request.modes.items[i]));
	}
	return text.bytes;
}

static bool write_what_was(const struct context *context, int at, const char *const before[BEFORE]) {
	bool well = write_text(at, "request", request_text(context, before[1]));
	for (int i = 0; well && i < BEFORE; i++) {
		well = write_text(at, format("before/%d", i), before[i]);
	}
	return well;
}

bool write_before(const struct context *context, int at) {
	const char *before[BEFORE];
	return read_before(&context->environment, before) && write_what_was(context, at, before);
}

// A name that config.json would have to write in another way is left to the planner.
static bool is_plain(const char *directory) {
	for (const char *at = directory; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ' || *at == 0x7f) {
			return false;
		}
	}
	return true;
}

// Writes a text with each of one string replaced by another.
static bool write_replaced(int at, const char *name, const char *text, const char *old, const char *new) {
	struct text written = {0};
	append(&written, "");
	for (const char *found; (found = strstr(text, old)) != NULL; text = found + strlen(old)) {
		append_bytes(&written, text, (size_t)(found - text));
		append(&written, new);
	}
	append(&written, text);
	return write_text(at, name, written.bytes);
}

static bool adopt(const struct context *context, int at, int plan) {
	const char *config = read_own(plan, "files/config.json", NULL);
	int files = open_own_directory(plan, "files");
	bool well = config != NULL && *config != '\0' && files >= 0 && copy_tree(files, at) &&
	            write_replaced(at, "config.json", config, MARK, context->directory);
	if (files >= 0) {
		close(files);
	}
	return well;
}

// The plan's directory is open in `plan`.
static bool use(const struct context *context, int at, int plan, const char *const before[BEFORE], pid_t owner) {
	struct lease lease = {0};
	struct entry entry = {0};
	// The lease first, then the entry: no expiry comes in between.
	if (!is_before(plan, before) || !facts_hold(plan, &lease, &entry) || !take_lease(context, &lease, owner) || !is_as_copied(plan, &entry) ||
	    !adopt(context, at, plan)) {
		return false;
	}
	return write_text(at, "reused", lease.directory) && (write_text(plan, "used", "") || true);
}

// Whether the directory of plans, which may be planted where the run directory was open once, is one's own.
static bool has_plans(int run) {
	int plans = open_own_directory(run, "plans");
	if (plans >= 0) {
		close(plans);
	}
	return plans >= 0;
}

char *reuse_plan(const struct context *context, int at, pid_t owner) {
	const char *before[BEFORE];
	if (!read_before(&context->environment, before)) {
		return NULL;
	}
	const char *request = request_text(context, before[1]);
	bool usable = is_plain(context->directory) && has_plans(context->run);
	struct walk walk = walk_in(context->run, "plans");
	while (usable && next_name(&walk)) {
		int plan = walk.name[0] == '.' ? -1 : open_own_directory(walk.at, walk.name);
		const char *text = plan < 0 ? NULL : read_own(plan, "request", NULL);
		if (text != NULL && strcmp(text, request) == 0) {
			char *name = copy_of(walk.name);
			bool well = use(context, at, plan, before, owner);
			close(plan);
			end_walk(&walk);
			if (well) {
				return name;
			}
			forget_plan(context->run, name);
			break;
		}
		if (plan >= 0) {
			close(plan);
		}
	}
	end_walk(&walk);
	write_what_was(context, at, before);
	return NULL;
}

void forget_plan(int run, const char *name) {
	char *gone = format("plans/.gone-%d-%s", (int)getpid(), name);
	if (renameat(run, format("plans/%s", name), run, gone) == 0) {
		remove_tree(run, gone);
	}
}

// Of the files that the planner wrote, without those that are this launch's own.
static bool fill(int at, int new, const char *directory) {
	static const char *const PARTS[] = {"environment", "command", "entrypoint", "plan", "mounts", "passwd", "group"};
	int files = mkdirat(new, "files", 0700) == 0 ? open_own_directory(new, "files") : -1;
	bool well = files >= 0 && copy_into(at, new, "facts", true) && copy_into(at, new, "facts.d", true) && copy_into(at, new, "before", true) &&
	            copy_into(at, new, "request", true) && write_text(new, "used", "");
	for (size_t i = 0; well && i < sizeof PARTS / sizeof *PARTS; i++) {
		well = copy_into(at, files, PARTS[i], false);
	}
	// Something may be mounted there.
	for (const char *const *place = (const char *const[]){"image", "root", "writable", NULL}; well && *place != NULL; place++) {
		well = !exists(at, *place) || mkdirat(files, *place, 0755) == 0;
	}
	struct walk walk = walk_in(at, ".");
	while (well && next_name(&walk)) {
		well = !starts_with(walk.name, "underlay-") || copy_into(at, files, walk.name, true);
	}
	end_walk(&walk);
	const char *config = read_own(at, "config.json", NULL);
	return well && config != NULL && strstr(config, MARK) == NULL && write_replaced(files, "config.json", config, format("%s/", directory), MARK "/");
}

static int by_age(const void *one, const void *other) {
	const char *const *first = one, *const *second = other;
	return strcmp(*second, *first);
}

// Those go that were not used for longest, when there are too many, and what was killed while it made or removed one.
static void thin_out(int run) {
	struct list plans = {0}, left = {0};
	for (struct walk walk = walk_in(run, "plans"); next_name(&walk);) {
		struct stat status;
		if (walk.name[0] != '.' && fstatat(walk.at, format("%s/used", walk.name), &status, 0) == 0) {
			add(&plans, format("%020lld.%09ld %s", (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec, walk.name));
		} else if (starts_with(walk.name, ".new-") || starts_with(walk.name, ".gone-")) {
			// .new-PID or .gone-PID-NAME; the planner's notes (.overlay-...) stay
			pid_t maker = atoi(strchr(walk.name, '-') + 1);
			if (!has_executable(maker) || maker == getpid()) {
				add(&left, copy_of(walk.name));
			}
		}
	}
	if (plans.count > MOST) {
		qsort(plans.items, plans.count, sizeof *plans.items, by_age);
	}
	for (size_t i = MOST; i < plans.count; i++) {
		forget_plan(run, strchr(plans.items[i], ' ') + 1);
	}
	for (size_t i = 0; i < left.count; i++) {
		remove_tree(run, format("plans/%s", left.items[i]));
	}
}

void keep_plan(int run, int at, const char *directory, const struct list *environment) {
	const char *before[BEFORE];
	char *name = format("plans/.new-%d", (int)getpid());
	// What was changed while the planner ran may be in its plan or not.
	if (!exists(at, "facts") || exists(at, "fused") || !is_plain(directory) || !read_before(environment, before) || !is_before(at, before)) {
		return;
	}
	mkdirat(run, "plans", 0700);
	if (has_plans(run)) {
		int new = mkdirat(run, name, 0700) == 0 ? open_own_directory(run, name) : -1;
		if (new < 0 || !fill(at, new, directory) || renameat(run, name, run, format("plans/%d-%llu", (int)getpid(), start_ticks(getpid()))) != 0) {
			remove_tree(run, name);
		}
		if (new >= 0) {
			close(new);
		}
	}
	thin_out(run);
}
