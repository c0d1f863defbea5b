// SPDX-License-Identifier: Apache-2.0
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "text.h"

static bool set_map(const char *path, const char *text) {
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool well = file >= 0 && write_all(file, text, strlen(text));
	if (file >= 0) {
		close(file);
	}
	return well;
}

// The kernel drops the capabilities of a namespace at an exec, where the user is not its root.
int layer_main(char **arguments, char **environment) {
	unsigned uid = geteuid(), gid = getegid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
		fail("check the limit on user namespaces (sysctl user.max_user_namespaces)", "cannot make a user namespace: %s",
		     errno == ENOSPC ? "their limit is reached" : reason());
	}
	if ((!set_map("/proc/self/setgroups", "deny") && errno != ENOENT) || !set_map("/proc/self/uid_map", format("%u %u 1\n", uid, uid)) ||
	    !set_map("/proc/self/gid_map", format("%u %u 1\n", gid, gid))) {
		fail("mount /proc on this node", "cannot map the user's ids: %s", reason());
	}
	// What is mounted on the host later appears here, too; nothing goes the other way.
	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0 || mount("overlay", arguments[2], "overlay", MS_NOSUID | MS_NODEV, arguments[1]) != 0) {
		fail("check that the image and the container's directory overlay/ are there, and not used by another container", "cannot mount the layer on %s: %s",
		     arguments[2], reason());
	}
	execve(arguments[3], arguments + 3, environment);
	fail("check the setting 'runtime'", "cannot run %s: %s", arguments[3], reason());
}
