// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"

#define DOCKER "docker://"
#define HEAD 2048
#define SIF_MAGIC_AT 32
#define TAR_MAGIC_AT 257
#define REFERENCE_MOST 65536

const char *hint_for_source(const char *text) {
	static const struct {
		const char *scheme;
		const char *hint;
	} SCHEMES[] = {
		{"library://", "name an image of a registry: docker://HOST/NAME:TAG"},
		{"shub://", "name an image of a registry: docker://HOST/NAME:TAG"},
		{"oras://", "fetch the file with 'oras pull', then run it by its path"},
		{"https://", "fetch the file with 'curl -fLO URL', then run it by its path"},
		{"http://", "fetch the file with 'curl -fLO URL', then run it by its path"},
		{"instance://", "run a program in a named container: plurality exec NAME COMMAND"},
	};
	for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
		if (starts_with(text, SCHEMES[i].scheme)) {
			return SCHEMES[i].hint;
		}
	}
	return NULL;
}

bool has_transport(const char *text) {
	static const char *const TRANSPORTS[] = {"docker-archive:", "docker-daemon:", "oci-archive:", "oci:", "sif:", "squashfs:", "dir:"};
	for (size_t i = 0; i < sizeof TRANSPORTS / sizeof *TRANSPORTS; i++) {
		if (starts_with(text, TRANSPORTS[i])) {
			return true;
		}
	}
	return false;
}

// A repository of the cache takes small letters, digits and single dashes.
static char *plain_name(const char *path) {
	const char *slash = strrchr(path, '/');
	struct text name = {0};
	append(&name, "");
	for (const char *at = slash == NULL ? path : slash + 1; *at != '\0' && name.length < 64; at++) {
		char letter = (char)tolower((unsigned char)*at);
		if (isalnum((unsigned char)letter) && (unsigned char)letter < 0x80) {
			append_bytes(&name, &letter, 1);
		} else if (name.length > 0 && name.bytes[name.length - 1] != '-') {
			append(&name, "-");
		}
	}
	if (name.length > 0 && name.bytes[name.length - 1] == '-') {
		name.bytes[--name.length] = '\0';
	}
	return name.length == 0 ? "image" : name.bytes;
}

// A name that a changed or other file never has: every node of a shared filesystem finds the same one.
static void name_packed(struct image *image, const char *source, const char *path, const struct stat *status) {
	const char *state = format("%s\x1f%s\x1f%llu\x1f%lld\x1f%lld.%09ld\x1f%lld.%09ld", source, path, (unsigned long long)status->st_ino, (long long)status->st_size,
	                           (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec, (long long)status->st_ctim.tv_sec, status->st_ctim.tv_nsec);
	image->form = PACKED;
	image->source = format("%s:%s", source, path);
	image->name = format("localhost/apptainer/%s:%s", plain_name(path), hash_of(state));
}

static void find_reference(struct image *image, const char *path) {
	char *text = read_host(AT_FDCWD, path, NULL);
	if (text == NULL || strlen(text) > REFERENCE_MOST || !parse_reference(text, &image->reference)) {
		fail("pull it again: apptainer pull --force FILE docker://NAME", "cannot run %s: the file is damaged", path);
	}
	image->form = REFERENCE;
	image->name = image->reference.name == NULL ? image->reference.digest : format("%s@%s", image->reference.name, image->reference.digest);
}

enum content { UNKNOWN, REFERENCE_FILE, SIF, SQUASHFS, TAR };

// Looks at a file's first bytes. Ends the process if it cannot be read.
static enum content content_of(const char *path) {
	int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char head[HEAD + 1] = {0};
	ssize_t length = file < 0 ? -1 : read(file, head, HEAD);
	if (length < 0) {
		fail("check the permissions of the file", "could not open image %s: %s", path, reason());
	}
	close(file);
	const char *line = memchr(head, '\n', (size_t)length);
	if (is_reference(head)) {
		return REFERENCE_FILE;
	}
	if (memcmp(head + SIF_MAGIC_AT, "SIF_MAGIC", 9) == 0) {
		return SIF;
	}
	// Singularity 2 wrote a line in front, by which the file could be started.
	if (memcmp(head, "hsqs", 4) == 0 || (starts_with(head, "#!") && line != NULL && memcmp(line + 1, "hsqs", 4) == 0)) {
		return SQUASHFS;
	}
	return memcmp(head + TAR_MAGIC_AT, "ustar", 5) == 0 ? TAR : UNKNOWN;
}

bool is_image_file(const char *path) {
	enum content content = content_of(path);
	return content == REFERENCE_FILE || content == SIF || content == SQUASHFS;
}

static void find_file(struct image *image, const char *text, const char *path, const struct stat *status) {
	switch (content_of(path)) {
	case REFERENCE_FILE: find_reference(image, path); break;
	case SIF:
		name_packed(image, "sif", path, status);
		image->scripted = true;
		break;
	case SQUASHFS: name_packed(image, "squashfs", path, status); break;
	case TAR: fail(format("say what it is: docker-archive:%s or oci-archive:%s", text, text), "could not open image %s: image format not recognized", path);
	default: fail("name a SIF or squashfs file, a directory, or an image of a registry: docker://NAME", "could not open image %s: image format not recognized", path);
	}
}

// A file that is named with what it is.
static void find_transport(struct image *image, const char *text) {
	const char *colon = strchr(text, ':'), *transport = copy_bytes(text, (size_t)(colon - text));
	struct stat status;
	char path[PATH_MAX];
	if (strcmp(transport, "docker-daemon") == 0 || strcmp(transport, "oci") == 0) {
		fail(format("pull it first: apptainer build FILE.sif %s, then run FILE.sif", text), "cannot run %s: its content may change", text);
	}
	if (realpath(colon + 1, path) == NULL || stat(path, &status) != 0) {
		fail("check the path", "could not open image %s: %s", colon + 1, reason());
	}
	if (strcmp(transport, "dir") == 0) {
		image->form = UNPACKED;
		image->name = format("dir:%s", path);
	} else {
		name_packed(image, transport, copy_of(path), &status);
	}
	image->path = copy_of(path);
}

void find_image(const char *text, struct image *image) {
	char path[PATH_MAX];
	struct stat status;
	const char *hint = hint_for_source(text);
	*image = (struct image){.path = text};
	if (starts_with(text, DOCKER)) {
		image->form = NAMED;
		image->name = text + strlen(DOCKER);
		image->source = text;
		return;
	}
	if (hint != NULL) {
		fail(hint, "cannot run %s: Plurality has no such source of images", text);
	}
	if (realpath(text, path) == NULL || stat(path, &status) != 0) {
		if (has_transport(text)) {
			find_transport(image, text);
			return;
		}
		fail(strchr(text, '/') == NULL ? format("check the path, or name an image of a registry: docker://%s", text) : "check the path",
		     "could not open image %s: %s", text, reason());
	}
	image->path = copy_of(path);
	if (S_ISDIR(status.st_mode)) {
		image->form = UNPACKED;
		image->name = format("dir:%s", path);
		image->scripted = exists(AT_FDCWD, format("%s/.singularity.d/env", path)) && exists(AT_FDCWD, format("%s/bin/sh", path));
	} else {
		find_file(image, text, image->path, &status);
	}
}
