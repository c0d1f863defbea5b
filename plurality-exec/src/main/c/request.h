// SPDX-License-Identifier: Apache-2.0
// The command line. The planner checks it; this has to know only which options take a value, and where the
// image's name is.
#ifndef PLURALITY_REQUEST_H
#define PLURALITY_REQUEST_H

#include "context.h"

// Fills what stands before IMAGE, and `rest`.
void parse_request(struct request *request, char **arguments);
// Fills image and command from the rest. `defined` is the definition that the settings name, or empty. Returns
// false when there is no image.
bool name_image(struct request *request, const char *defined);

#endif
