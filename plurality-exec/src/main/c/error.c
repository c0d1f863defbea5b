// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "text.h"

// Room that a launch needs for its small files.
#define ROOM 16384
#define FEW_NAMESPACES 64

void set_error(int at, const char *message, const char *hint) {
	if (!write_text(at, "error", format("plurality-exec: %s\nhint: %s\n", message, hint))) {
		unlinkat(at, "error", 0);
		complain(hint, "%s", message);
	}
}

bool has_room(int at) {
	static const char zeros[ROOM];
	bool well = write_file(at, "probe", zeros, sizeof zeros, true);
	int error = errno;
	unlinkat(at, "probe", 0);
	errno = error;
	return well;
}

const char *address_space(void) {
	struct rlimit space;
	return getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_max == RLIM_INFINITY ? NULL : format("%llu MiB", (unsigned long long)space.rlim_max >> 20);
}

const char *namespace_limit(void) {
	char *limit = read_host(AT_FDCWD, "/proc/sys/user/max_user_namespaces", NULL);
	if (limit == NULL) {
		return NULL;
	}
	limit[strcspn(limit, "\n")] = '\0';
	return strtoull(limit, NULL, 10) < FEW_NAMESPACES ? limit : NULL;
}

bool in_user_namespace(void) {
	const char *map = read_host(AT_FDCWD, "/proc/self/uid_map", NULL);
	return map != NULL && strstr(map, "4294967295") == NULL;
}
