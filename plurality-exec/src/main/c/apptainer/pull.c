// SPDX-License-Identifier: Apache-2.0
#include "pull.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../variables.h"
#include "child.h"
#include "json.h"
#include "mounts_of.h"
#include "sandbox.h"

#define STATUS_USAGE 1

char *usual_file(const char *source) {
	const char *slash = strrchr(source, '/'), *name = slash == NULL ? source : slash + 1;
	char *file = format("%s%s.sif", name, strpbrk(name, ":@") == NULL ? "_latest" : "");
	for (char *at = file; *at != '\0'; at++) {
		*at = *at == ':' ? '_' : *at;
	}
	return file;
}

// Base 64, as registries and auth files have it.
static char *encoded(const char *text) {
	static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct text code = {0};
	append(&code, "");
	for (size_t length = strlen(text); length > 0;) {
		unsigned char bytes[3] = {0};
		size_t part = length < 3 ? length : 3;
		memcpy(bytes, text, part);
		unsigned long number = (unsigned long)bytes[0] << 16 | (unsigned long)bytes[1] << 8 | bytes[2];
		for (size_t i = 0; i < 4; i++) {
			append_bytes(&code, i > part ? "=" : &LETTERS[number >> (18 - 6 * i) & 63], 1);
		}
		text += part;
		length -= part;
	}
	return code.bytes;
}

// A user and a password in variables become an auth file in memory, which no other process can open.
static void add_credentials(const char *source, struct list *environment, struct list *command) {
	const char *user = setting_for(environment, "DOCKER_USERNAME"), *password = setting_for(environment, "DOCKER_PASSWORD");
	if (user == NULL || password == NULL || !starts_with(source, "docker://")) {
		return;
	}
	const char *registry = registry_of(source + strlen("docker://"));
	const char *key = strcmp(registry, "docker.io") == 0 ? "https://index.docker.io/v1/" : registry;
	const char *text = format("{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}", key, encoded(format("%s:%s", user, password)));
	int file = memfd_create("auth", 0);
	if (file < 0 || !write_all(file, text, strlen(text))) {
		fail("use plurality-stagein login instead", "cannot use the password of the environment: %s", reason());
	}
	add(command, "--authfile");
	add(command, format("/proc/self/fd/%d", file));
}

static void add_options(const struct line *line, const char *source, struct list *environment, struct list *command) {
	const char *architecture = value_for(line, ARCH), *auth = value_for(line, AUTHFILE), *host = value_for(line, DOCKER_HOST);
	if (architecture != NULL) {
		add(command, "--platform");
		add(command, strchr(architecture, '/') == NULL || starts_with(architecture, "arm") ? format("linux/%s", architecture) : architecture);
	}
	if (is_on(line, NO_HTTPS) && starts_with(source, "docker://")) {
		add(command, "--insecure-registry");
		add(command, registry_of(source + strlen("docker://")));
	}
	if (auth != NULL) {
		add(command, "--authfile");
		add(command, auth);
	} else {
		add_credentials(source, environment, command);
	}
	if (host != NULL) {
		set_variable(environment, "PLURALITY_DOCKER_HOST", host);
	}
}

// Without tag and digest.
static char *repository_of(const char *name) {
	const char *slash = strrchr(name, '/');
	size_t length = strcspn(name, "@");
	const char *colon = strchr(slash == NULL ? name : slash, ':');
	return copy_bytes(name, colon != NULL && (size_t)(colon - name) < length ? (size_t)(colon - name) : length);
}

static enum loudness loudness_of(const struct line *global) {
	return is_on(global, SILENT) ? ERRORS_ONLY : is_on(global, QUIET) ? NO_PROGRESS : ALL_LINES;
}

// Stages the source in and returns what plurality-stagein says of it, as JSON.
static char *stage_in(const struct line *global, const struct line *line, const struct place *place, const char *prefix, const char *source,
                      struct list *environment) {
	struct list command = {0};
	struct text output = {0};
	const char *words[] = {format("%s/bin/plurality-stagein", prefix), "pull", "--json", "--progress", "plain"}, *caches = setting_for(environment, "CACHEDIR");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		add(&command, words[i]);
	}
	if (caches != NULL && !place->has_cache) {
		set_variable(environment, "PLURALITY_CACHE", format("%s/plurality", caches));
	}
	if (is_on(global, DEBUG)) {
		add(&command, "--debug");
	}
	add_options(line, source, environment, &command);
	add(&command, source);
	int status = run_child(&command, environment, loudness_of(global), &output);
	if (status >= 128) {
		fail("run it again", "cannot fetch %s: plurality-stagein was ended by signal %d", source, status - 128);
	}
	if (status != 0) {
		// It has said why.
		_exit(launch_status());
	}
	return output.bytes;
}

static void describe(const struct line *line, const struct place *place, const char *source, const char *json, struct reference *reference) {
	*reference = (struct reference){
		.digest = string_in(json, "digest"), .platform = string_in(json, "platform"), .cache = string_in(json, "cache"), .owner = place->user};
	const char *name = string_in(json, "reference");
	struct stat status;
	if (reference->digest == NULL || reference->platform == NULL || reference->cache == NULL) {
		fail("report this", "cannot write a file for %s: plurality-stagein did not say what it staged in", source);
	}
	if (stat(reference->cache, &status) == 0) {
		reference->owner = status.st_uid;
	}
	if (starts_with(source, "docker://") && name != NULL) {
		reference->name = repository_of(name);
		reference->insecure = is_on(line, NO_HTTPS) ? registry_of(name) : NULL;
	}
}

_Noreturn static void misuse(const struct line *line, const char *what) {
	dprintf(STDERR_FILENO, "Error for command \"%s\": %s\n", line->command, what);
	_exit(STATUS_USAGE);
}

static void refuse_other_sources(const char *source) {
	const char *hint = hint_for_source(source);
	if (hint != NULL) {
		fail(hint, "cannot fetch %s: Plurality has no such source of images", source);
	}
}

_Noreturn static void fetch(const struct line *global, const struct line *line, const struct place *place, const char *prefix, const char *source, const char *file,
                            struct list *environment) {
	struct reference reference;
	bool force = is_on(line, FORCE);
	if (exists(AT_FDCWD, file) && !force) {
		fail("use --force to replace it", "Image file already exists: \"%s\" - will not overwrite", file);
	}
	char *json = stage_in(global, line, place, prefix, source, environment);
	if (is_on(line, SANDBOX)) {
		make_sandbox(json, prefix, file, force, environment);
	} else {
		describe(line, place, source, json, &reference);
		write_reference(file, &reference, force);
	}
	_exit(0);
}

void pull(const struct line *global, const struct line *line, const struct place *place, const char *prefix, struct list *environment) {
	const struct list *rest = &line->rest;
	const char *name = value_for(line, NAME), *directory = value_for(line, DIRECTORY);
	if (rest->count < 1 || rest->count > 2) {
		misuse(line, "accepts 1 or 2 arg(s): apptainer pull [FILE] docker://NAME");
	}
	const char *source = rest->items[rest->count - 1];
	if (strstr(source, "://") == NULL && !has_transport(source)) {
		source = format("docker://%s", source);
	}
	refuse_other_sources(source);
	const char *file = name != NULL ? name : rest->count == 2 ? rest->items[0] : usual_file(source);
	fetch(global, line, place, prefix, source, directory == NULL || *file == '/' ? file : format("%s/%s", directory, file), environment);
}

void build(const struct line *global, const struct line *line, const struct place *place, const char *prefix, struct list *environment) {
	const struct list *rest = &line->rest;
	struct stat status;
	if (rest->count != 2) {
		misuse(line, "accepts 2 arg(s): apptainer build FILE|--sandbox DIRECTORY SOURCE");
	}
	const char *source = rest->items[1];
	refuse_other_sources(source);
	if (strstr(source, "://") == NULL && !has_transport(source)) {
		struct image image;
		if (stat(source, &status) == 0 && S_ISREG(status.st_mode) && !is_image_file(source)) {
			fail("build the image with another tool, such as podman or buildah, and pull it from a registry or an archive",
			     "cannot build from %s: Plurality reads no definition files", source);
		}
		find_image(source, &image);
		source = image.form == REFERENCE && image.reference.name != NULL ? format("docker://%s", image.name) : image.form == PACKED ? image.source : image.name;
	}
	fetch(global, line, place, prefix, source, rest->items[0], environment);
}
