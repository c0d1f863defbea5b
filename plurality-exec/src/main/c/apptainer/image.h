// SPDX-License-Identifier: Apache-2.0
// What stands in an image's place on a command line: a name, a file or a directory.
#ifndef PLURALITY_APPTAINER_IMAGE_H
#define PLURALITY_APPTAINER_IMAGE_H

#include "../text.h"
#include "reference.h"

enum form_of_image {
	NAMED,     // docker://NAME
	REFERENCE, // a file that pull wrote
	PACKED,    // a SIF or squashfs file, or an archive: staged in under a name of its own
	UNPACKED,  // a directory
};

struct image {
	enum form_of_image form;
	// How plurality-exec knows it.
	const char *name;
	// What it is staged in from, where that differs from the name; or NULL.
	const char *source;
	// Its path, for variables that programs inside read.
	const char *path;
	// Whether Singularity's scripts in it set its environment.
	bool scripted;
	struct reference reference;
};

// Finds out what `text` is, or ends the process and says why it is no image.
void find_image(const char *text, struct image *image);
// Returns what a source of the form SCHEME:... that is no docker:// needs instead; NULL for one that can be staged in.
const char *hint_for_source(const char *text);
// Returns whether a file is a SIF or squashfs file, or one that pull wrote.
bool is_image_file(const char *path);
// Returns whether it is the transport of another image source, such as oci:DIRECTORY.
bool has_transport(const char *text);

#endif
