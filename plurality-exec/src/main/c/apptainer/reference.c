// SPDX-License-Identifier: Apache-2.0
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../text.h"

// A file of Apptainer begins with this line, too: it can be started as a program.
#define SHEBANG "#!/usr/bin/env run-singularity\n"
#define TITLE "# This file refers to an image in a cache of Plurality: run it with 'apptainer exec' of its share/compat/bin.\n"
#define FIRST "plurality-image 1\n"
#define HASH_MOST 128

bool is_reference(const char *head) {
	return starts_with(head, SHEBANG TITLE) || starts_with(head, SHEBANG FIRST);
}

// An algorithm and hexadecimal digits: nothing that could be taken for another part of a name.
static bool is_digest(const char *text) {
	size_t length = starts_with(text, "sha256:") ? 64 : starts_with(text, "sha512:") ? HASH_MOST : 0;
	return length > 0 && strlen(text) == 7 + length && strspn(text + 7, "0123456789abcdef") == length;
}

bool parse_reference(char *text, struct reference *reference) {
	char *name, *value;
	bool known = false, whole = false;
	unsigned long long owner = 0;
	*reference = (struct reference){0};
	while (!whole && next_line(&text, &name, &value)) {
		if (*name == '#') {
			continue;
		}
		if (strcmp(name, "plurality-image") == 0) {
			known = strcmp(value, "1") == 0;
		} else if (strcmp(name, "name") == 0) {
			reference->name = value;
		} else if (strcmp(name, "digest") == 0) {
			reference->digest = value;
		} else if (strcmp(name, "platform") == 0) {
			reference->platform = value;
		} else if (strcmp(name, "cache") == 0) {
			reference->cache = value;
		} else if (strcmp(name, "owner") == 0) {
			if (!parse_number(value, 0xfffffffe, &owner)) {
				return false;
			}
		} else if (strcmp(name, "insecure") == 0) {
			reference->insecure = value;
		} else if (strcmp(name, "end") == 0) {
			whole = true;
		}
	}
	reference->owner = (unsigned)owner;
	return known && whole && reference->digest != NULL && is_digest(reference->digest) &&
	       (reference->name == NULL || (*reference->name != '\0' && strpbrk(reference->name, "@ ") == NULL));
}

char *reference_text(const struct reference *reference) {
	struct text text = {0};
	append(&text, SHEBANG TITLE FIRST);
	if (reference->name != NULL) {
		append(&text, format("name %s\n", reference->name));
	}
	append(&text, format("digest %s\nplatform %s\ncache %s\nowner %u\n", reference->digest, reference->platform, reference->cache, reference->owner));
	if (reference->insecure != NULL) {
		append(&text, format("insecure %s\n", reference->insecure));
	}
	append(&text, "end .\n");
	return text.bytes;
}

void write_reference(const char *file, const struct reference *reference, bool force) {
	const char *slash = strrchr(file, '/');
	const char *directory = slash == NULL ? "" : copy_bytes(file, (size_t)(slash - file + 1));
	const char *new = format("%s.%s.%d", directory, slash == NULL ? file : slash + 1, (int)getpid()), *text = reference_text(reference);
	unlink(new);
	bool well = write_file(AT_FDCWD, new, text, strlen(text), true);
	if (well) {
		mode_t mask = umask(0);
		umask(mask);
		well = chmod(new, 0777 & ~mask) == 0;
	}
	if (well && force) {
		well = rename(new, file) == 0;
	} else if (well) {
		// A link never replaces a file; where there are none the kernel's own rename does not either.
		well = link(new, file) == 0 || (errno != EEXIST && renameat2(AT_FDCWD, new, AT_FDCWD, file, RENAME_NOREPLACE) == 0);
	}
	int error = errno;
	unlink(new);
	if (!well) {
		errno = error;
		fail(error == EEXIST ? "use --force to replace it" : "check the directory, and the room in it", error == EEXIST ? "Image file already exists: \"%s\" - will not overwrite" : "cannot write %s", file);
	}
}
