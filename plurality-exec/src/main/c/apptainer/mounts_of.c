// SPDX-License-Identifier: Apache-2.0
#include "mounts_of.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../message.h"
#include "targets.h"

static void add_pair(struct list *words, const char *option, const char *value) {
	add(words, option);
	add(words, value);
}

// A path in the syntax of --bind, where a comma and a colon end it.
static char *escaped_path(const char *path) {
	struct text text = {0};
	append(&text, "");
	for (; *path != '\0'; path++) {
		append(&text, strchr(",:\\", *path) != NULL ? "\\" : "");
		append_bytes(&text, path, 1);
	}
	return text.bytes;
}

static char *absolute(const struct place *place, const char *path) {
	return *path == '/' ? copy_of(path) : format("%s/%s", strcmp(place->here, "/") == 0 ? "" : place->here, path);
}

static char *tmpfs_at(const char *path) {
	const char *quote = strpbrk(path, ",\"") == NULL ? "" : "\"";
	return format("type=tmpfs,%sdestination=%s%s", quote, path, quote);
}

static char *bind_of(const char *source, const char *destination) {
	return format("%s:%s", escaped_path(source), escaped_path(destination));
}

static const char *made(const struct place *place, const char *directory, const char *name) {
	const char *path = format("%s/%s", absolute(place, directory), name);
	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		fail("make it first, or name another with --workdir", "cannot use --workdir %s: cannot make %s: %s", directory, path, reason());
	}
	return path;
}

// Returns the home directory inside.
static const char *add_home(const struct line *line, const struct place *place, bool contained, struct list *words) {
	const char *home = value_for(line, HOME), *work = value_for(line, WORKDIR);
	if (is_on(line, NO_HOME)) {
		add(words, "--no-home");
		return place->home;
	}
	if (home != NULL) {
		const char *colon = strchr(home, ':');
		const char *source = absolute(place, colon == NULL ? home : copy_bytes(home, (size_t)(colon - home)));
		const char *inside = colon == NULL ? source : copy_bytes(colon + 1, strcspn(colon + 1, ":"));
		add_pair(words, "--home", bind_of(source, inside));
		return inside;
	}
	if (contained && strcmp(place->home, "/") != 0) {
		if (work != NULL) {
			add_pair(words, "--bind", bind_of(made(place, work, "home"), place->home));
		} else {
			add_pair(words, "--mount", tmpfs_at(place->home));
		}
	}
	return place->home;
}

static void add_work_directories(const struct line *line, const struct place *place, bool contained, struct list *words) {
	const char *work = value_for(line, WORKDIR);
	const struct list *scratch = &line->values[SCRATCH];
	if (work != NULL && contained) {
		add_pair(words, "--bind", bind_of(made(place, work, "tmp"), "/tmp"));
		add_pair(words, "--bind", bind_of(made(place, work, "var_tmp"), "/var/tmp"));
	} else if (work != NULL && scratch->count == 0) {
		complain_briefly("note: --workdir has no effect without --contain or --scratch");
	}
	for (size_t i = 0; i < scratch->count; i++) {
		char *names = copy_of(scratch->items[i]);
		for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
			const char *path = *name == '/' ? name : format("/%s", name);
			if (work == NULL) {
				add_pair(words, "--mount", tmpfs_at(path));
				continue;
			}
			char *own = copy_of(path + 1);
			for (char *at = own; *at != '\0'; at++) {
				*at = *at == '/' ? '-' : *at;
			}
			made(place, work, "scratch");
			add_pair(words, "--bind", bind_of(made(place, work, format("scratch/%s", own)), path));
		}
	}
}

// What is left out of the standard mounts.
static void add_left_out(const struct line *line, struct list *words) {
	static const char *const NEEDED[] = {"proc", "dev", "devpts"};
	const struct list *values = &line->values[NO_MOUNT];
	for (size_t i = 0; i < values->count; i++) {
		char *names = copy_of(values->items[i]);
		for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
			for (size_t j = 0; j < sizeof NEEDED / sizeof *NEEDED; j++) {
				if (strcmp(name, NEEDED[j]) == 0) {
					fail("leave it out: every container has /proc and a /dev; --contain has few devices", "cannot use --no-mount %s: Plurality does not have it", name);
				}
			}
			// No other filesystem of the host is mounted in any case.
			if (strcmp(name, "hostfs") != 0) {
				add_pair(words, "--no-mount", strcmp(name, "bind-paths") == 0 ? "/etc/hosts,/etc/localtime" : name);
			}
		}
	}
}

static void add_layers(const struct line *line, struct list *words) {
	const struct list *overlays = &line->values[OVERLAY];
	struct stat status;
	if (is_on(line, WRITABLE)) {
		fail("use --writable-tmpfs for changes that need not stay, or a named container: plurality create IMAGE NAME", "cannot use --writable: Plurality does not have it");
	}
	if (is_on(line, WRITABLE_TMPFS) || is_on(line, COMPAT)) {
		add(words, "--writable-tmpfs");
	}
	for (size_t i = 0; i < overlays->count; i++) {
		const char *overlay = overlays->items[i];
		if (i > 0 || strchr(overlay, ':') != NULL) {
			fail("name one directory, without ':ro'", "cannot use --overlay %s: Plurality has one writable layer", overlay);
		}
		if (stat(overlay, &status) != 0 || !S_ISDIR(status.st_mode)) {
			fail("make a directory on this node, and name that", "cannot use --overlay %s: it is no directory", overlay);
		}
		add_pair(words, "--overlay", overlay);
	}
}

void add_mounts(const struct line *line, const struct place *place, struct list *words) {
	bool contained = is_on(line, CONTAIN) || is_on(line, CONTAINALL) || is_on(line, COMPAT);
	const char *work = value_for(line, CWD);
	if (contained) {
		add(words, "--contain");
	}
	const char *home = add_home(line, place, contained, words);
	add_work_directories(line, place, contained, words);
	add_left_out(line, words);
	add_layers(line, words);
	for (size_t i = 0; i < line->values[BIND].count; i++) {
		add_pair(words, "--bind", line->values[BIND].items[i]);
	}
	for (size_t i = 0; i < line->values[MOUNT].count; i++) {
		add_pair(words, "--mount", line->values[MOUNT].items[i]);
	}
	if (work != NULL) {
		add_pair(words, "--workdir", work);
		return;
	}
	add_pair(words, "--try-workdir", place->here);
	add_pair(words, "--try-workdir", home);
	add_pair(words, "--try-workdir", "/");
}

void make_mount_points(const struct line *line, const struct place *place) {
	struct targets targets = {0};
	const char *home = value_for(line, HOME);
	if (home != NULL) {
		const char *colon = strchr(home, ':'), *source = absolute(place, colon == NULL ? home : copy_bytes(home, (size_t)(colon - home)));
		add_target(&targets, source, colon == NULL ? source : copy_bytes(colon + 1, strcspn(colon + 1, ":")));
	}
	if (!is_on(line, CONTAIN) && !is_on(line, CONTAINALL) && !is_on(line, COMPAT)) {
		add_target(&targets, place->home, place->home);
		add_target(&targets, place->here, place->here);
	}
	for (size_t i = 0; i < line->values[BIND].count; i++) {
		add_bind_targets(&targets, line->values[BIND].items[i], place->here);
	}
	for (size_t i = 0; i < line->values[MOUNT].count; i++) {
		add_mount_target(&targets, line->values[MOUNT].items[i], place->here);
	}
	make_targets(&targets);
}

bool is_owned_by(const char *directory, unsigned owner) {
	struct stat status;
	return stat(directory, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == owner;
}

char *registry_of(const char *name) {
	size_t length = strcspn(name, "/");
	bool named = name[length] == '/' && (memchr(name, '.', length) != NULL || memchr(name, ':', length) != NULL || strncmp(name, "localhost/", 10) == 0);
	return named ? copy_bytes(name, length) : copy_of("docker.io");
}
