// SPDX-License-Identifier: Apache-2.0
// The file that `pull` writes: it refers to an image in a cache by registry, name and digest. Decision note 28
// says what happens if it is copied or if its image expires.
#ifndef PLURALITY_APPTAINER_REFERENCE_H
#define PLURALITY_APPTAINER_REFERENCE_H

#include <stdbool.h>

struct reference {
	// HOST/NAME, without tag and digest; NULL for an image that is in no registry.
	const char *name;
	const char *digest;
	const char *platform;
	// The cache that has the image, and the user whose it is.
	const char *cache;
	unsigned owner;
	// A registry that is spoken to over plain http; or NULL.
	const char *insecure;
};

// What a file's first bytes look like.
bool is_reference(const char *head);
// Parses the whole text of a file, and writes into it. Returns false when it is damaged.
bool parse_reference(char *text, struct reference *reference);
// Returns the text of a file.
char *reference_text(const struct reference *reference);
// Writes a file whole or not at all. Unless `force` it must not exist. Ends the process when it cannot.
void write_reference(const char *file, const struct reference *reference, bool force);

#endif
