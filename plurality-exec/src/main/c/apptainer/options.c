// SPDX-License-Identifier: Apache-2.0
// Every option of Apptainer 1.4: what it means here, that it is so anyway, or what to do instead.
#include "line.h"

#include <string.h>

#define IN_NAMESPACE "leave it out: every program runs as its user, in a user namespace, and cannot gain privileges"
#define BY_SCHEDULER "leave it out, and ask the scheduler for it: a container is in the job's cgroup"
#define BY_ROOT "run a named container, where you are root: plurality create IMAGE NAME, then plurality run NAME COMMAND"
#define NO_ENCRYPTION "decrypt the image with Apptainer, then use that file"
#define NO_LIBRARY "name an image of a registry: docker://HOST/NAME:TAG"
#define NO_DEFINITION "build the image with another tool, such as podman or buildah, and pull it from a registry or an archive"
#define LOGIN "log in first: plurality-stagein login REGISTRY"
#define NO_FUSE "mount it on the node, and bring the mount point in with --bind"
#define HOST_NAMES "leave it out: host name and name servers are the node's; /etc/resolv.conf can be covered with --bind"

static const struct option GLOBAL[] = {
	{"quiet", 'q', SWITCH, QUIET, NULL, NULL},
	{"silent", 's', SWITCH, SILENT, NULL, NULL},
	{"verbose", 'v', SWITCH, VERBOSE, NULL, NULL},
	{"debug", 'd', SWITCH, DEBUG, NULL, NULL},
	{"help", 'h', SWITCH, HELP, NULL, NULL},
	{"version", '\0', SWITCH, VERSION, NULL, NULL},
	{"nocolor", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"config", 'c', REFUSED_VALUE, NO_ID, NULL, "write settings into ~/.config/plurality/plurality.toml"},
	{"build-config", '\0', REFUSED, NO_ID, NULL, NO_DEFINITION},
	{0},
};

static const struct option LAUNCH[] = {
	{"add-caps", '\0', REFUSED_VALUE, NO_ID, "ADD_CAPS", IN_NAMESPACE},
	{"allow-setuid", '\0', REFUSED, NO_ID, "ALLOW_SETUID", IN_NAMESPACE},
	{"app", '\0', REFUSED_VALUE, NO_ID, "APP APPNAME", "run the application's program by its path below /scif/apps"},
	{"apply-cgroups", '\0', REFUSED_VALUE, NO_ID, "APPLY_CGROUPS", BY_SCHEDULER},
	{"authfile", '\0', VALUE, AUTHFILE, "AUTHFILE", NULL},
	{"bind", 'B', LIST, BIND, "BIND BINDPATH", NULL},
	{"blkio-weight", '\0', REFUSED_VALUE, NO_ID, "BLKIO_WEIGHT", BY_SCHEDULER},
	{"blkio-weight-device", '\0', REFUSED_VALUE, NO_ID, "BLKIO_WEIGHT_DEVICE", BY_SCHEDULER},
	{"cleanenv", 'e', SWITCH, CLEANENV, "CLEANENV", NULL},
	{"compat", '\0', SWITCH, COMPAT, "COMPAT", NULL},
	{"contain", 'c', SWITCH, CONTAIN, "CONTAIN", NULL},
	{"containall", 'C', SWITCH, CONTAINALL, "CONTAINALL", NULL},
	{"cpu-shares", '\0', REFUSED_VALUE, NO_ID, "CPU_SHARES", BY_SCHEDULER},
	{"cpus", '\0', REFUSED_VALUE, NO_ID, "CPUS", BY_SCHEDULER},
	{"cpuset-cpus", '\0', REFUSED_VALUE, NO_ID, "CPUSET_CPUS", BY_SCHEDULER},
	{"cpuset-mems", '\0', REFUSED_VALUE, NO_ID, "CPUSET_MEMS", BY_SCHEDULER},
	{"cwd", '\0', VALUE, CWD, "CWD TARGET_CWD PWD TARGET_PWD", NULL},
	{"pwd", '\0', VALUE, CWD, NULL, NULL},
	{"disable-cache", '\0', REFUSED, NO_ID, NULL, "leave it out: images are run from the cache only"},
	{"dns", '\0', REFUSED_VALUE, NO_ID, "DNS", HOST_NAMES},
	{"docker-host", '\0', VALUE, DOCKER_HOST, NULL, NULL},
	{"docker-login", '\0', REFUSED, NO_ID, "DOCKER_LOGIN", LOGIN},
	{"drop-caps", '\0', ACCEPTED_VALUE, NO_ID, NULL, NULL},
	{"env", '\0', LIST, ENV, NULL, NULL},
	{"env-file", '\0', LIST, ENV_FILE, "ENV_FILE", NULL},
	{"fakeroot", 'f', REFUSED, NO_ID, "FAKEROOT", BY_ROOT},
	{"fusemount", '\0', REFUSED_VALUE, NO_ID, "FUSESPEC", NO_FUSE},
	{"help", 'h', SWITCH, HELP, NULL, NULL},
	{"home", 'H', VALUE, HOME, "HOME", NULL},
	{"hostname", '\0', REFUSED_VALUE, NO_ID, "HOSTNAME", HOST_NAMES},
	{"ipc", 'i', SWITCH, IPC, "IPC UNSHARE_IPC", NULL},
	{"keep-privs", '\0', REFUSED, NO_ID, "KEEP_PRIVS", IN_NAMESPACE},
	{"memory", '\0', REFUSED_VALUE, NO_ID, "MEMORY", BY_SCHEDULER},
	{"memory-reservation", '\0', REFUSED_VALUE, NO_ID, "MEMORY_RESERVATION", BY_SCHEDULER},
	{"memory-swap", '\0', REFUSED_VALUE, NO_ID, "MEMORY_SWAP", BY_SCHEDULER},
	{"mount", '\0', LIST, MOUNT, "MOUNT", NULL},
	{"net", 'n', SWITCH, NET, "NET UNSHARE_NET", NULL},
	{"netns-path", '\0', REFUSED_VALUE, NO_ID, "NETNS_PATH", "leave it out: the network is the node's, or none at all with --net --network none"},
	{"network", '\0', VALUE, NETWORK, "NETWORK", NULL},
	{"network-args", '\0', REFUSED_VALUE, NO_ID, "NETWORK_ARGS", "leave it out: the network is the node's, or none at all with --net --network none"},
	{"no-eval", '\0', SWITCH, NO_EVAL, "NO_EVAL", NULL},
	{"no-home", '\0', SWITCH, NO_HOME, "NO_HOME", NULL},
	{"no-https", '\0', SWITCH, NO_HTTPS, "NOHTTPS NO_HTTPS", NULL},
	{"nohttps", '\0', SWITCH, NO_HTTPS, NULL, NULL},
	{"no-init", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"no-mount", '\0', LIST, NO_MOUNT, "NO_MOUNT", NULL},
	{"no-pid", '\0', SWITCH, NO_PID, "NO_PID", NULL},
	{"no-privs", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"no-tmp-sandbox", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"no-umask", '\0', SWITCH, NO_UMASK, "NO_UMASK", NULL},
	{"nv", '\0', SWITCH, NV, "NV", NULL},
	{"nvccli", '\0', REFUSED, NO_ID, "NVCCLI", "use --nv, or a CDI specification of the node: plurality-exec --device nvidia.com/gpu=all"},
	{"oom-kill-disable", '\0', REFUSED, NO_ID, "OOM_KILL_DISABLE", BY_SCHEDULER},
	{"overlay", 'o', LIST, OVERLAY, "OVERLAY OVERLAYIMAGE", NULL},
	{"passphrase", '\0', REFUSED, NO_ID, NULL, NO_ENCRYPTION},
	{"pem-path", '\0', REFUSED_VALUE, NO_ID, NULL, NO_ENCRYPTION},
	{"pid", 'p', SWITCH, PID, "PID UNSHARE_PID", NULL},
	{"pids-limit", '\0', REFUSED_VALUE, NO_ID, "PIDS_LIMIT", BY_SCHEDULER},
	{"rocm", '\0', SWITCH, ROCM, "ROCM", NULL},
	{"scratch", 'S', LIST, SCRATCH, "SCRATCH SCRATCHDIR", NULL},
	{"security", '\0', REFUSED_VALUE, NO_ID, "SECURITY", IN_NAMESPACE},
	{"sharens", '\0', REFUSED, NO_ID, "SHARENS", "leave it out: the tasks of a step that run one image share its container (plurality-exec --share)"},
	{"shell", 's', VALUE, SHELL, "SHELL", NULL},
	{"tmp-sandbox", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"underlay", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"unsquash", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"userns", 'u', ACCEPTED, NO_ID, NULL, NULL},
	{"uts", '\0', REFUSED, NO_ID, "UTS UNSHARE_UTS", HOST_NAMES},
	{"workdir", 'W', VALUE, WORKDIR, "WORKDIR", NULL},
	{"writable", 'w', SWITCH, WRITABLE, "WRITABLE", NULL},
	{"writable-tmpfs", '\0', SWITCH, WRITABLE_TMPFS, "WRITABLE_TMPFS", NULL},
	{0},
};

static const struct option PULL[] = {
	{"allow-unsigned", 'U', ACCEPTED, NO_ID, NULL, NULL},
	{"allow-unauthenticated", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"arch", '\0', VALUE, ARCH, "PULL_ARCH", NULL},
	{"arch-variant", '\0', REFUSED_VALUE, NO_ID, "PULL_ARCH_VARIANT", "write the variant behind the architecture: --arch arm/v7"},
	{"authfile", '\0', VALUE, AUTHFILE, "AUTHFILE", NULL},
	{"dir", '\0', VALUE, DIRECTORY, "PULLDIR PULLFOLDER", NULL},
	// The file refers to the cache: there is nothing else that could be used.
	{"disable-cache", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"docker-host", '\0', VALUE, DOCKER_HOST, NULL, NULL},
	{"docker-login", '\0', REFUSED, NO_ID, "DOCKER_LOGIN", LOGIN},
	{"force", 'F', SWITCH, FORCE, "FORCE", NULL},
	{"help", 'h', SWITCH, HELP, NULL, NULL},
	{"library", '\0', REFUSED_VALUE, NO_ID, NULL, NO_LIBRARY},
	{"name", '\0', VALUE, NAME, "PULL_NAME", NULL},
	{"no-cleanup", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"no-https", '\0', SWITCH, NO_HTTPS, "NOHTTPS NO_HTTPS", NULL},
	{"nohttps", '\0', SWITCH, NO_HTTPS, NULL, NULL},
	{"sandbox", '\0', SWITCH, SANDBOX, NULL, NULL},
	{0},
};

static const struct option BUILD[] = {
	{"arch", '\0', VALUE, ARCH, "BUILD_ARCH", NULL},
	{"arch-variant", '\0', REFUSED_VALUE, NO_ID, "BUILD_ARCH_VARIANT", "write the variant behind the architecture: --arch arm/v7"},
	{"authfile", '\0', VALUE, AUTHFILE, "AUTHFILE", NULL},
	{"bind", 'B', REFUSED_VALUE, NO_ID, NULL, NO_DEFINITION},
	{"build-arg", '\0', REFUSED_VALUE, NO_ID, NULL, NO_DEFINITION},
	{"build-arg-file", '\0', REFUSED_VALUE, NO_ID, NULL, NO_DEFINITION},
	{"disable-cache", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"docker-host", '\0', VALUE, DOCKER_HOST, NULL, NULL},
	{"docker-login", '\0', REFUSED, NO_ID, "DOCKER_LOGIN", LOGIN},
	{"encrypt", 'e', REFUSED, NO_ID, "ENCRYPT", NO_ENCRYPTION},
	// An image that is only fetched needs none of these.
	{"fakeroot", 'f', ACCEPTED, NO_ID, NULL, NULL},
	{"fix-perms", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"force", 'F', SWITCH, FORCE, "FORCE", NULL},
	{"help", 'h', SWITCH, HELP, NULL, NULL},
	{"json", '\0', REFUSED, NO_ID, NULL, NO_DEFINITION},
	{"library", '\0', REFUSED_VALUE, NO_ID, NULL, NO_LIBRARY},
	{"mksquashfs-args", '\0', REFUSED_VALUE, NO_ID, NULL, "set squashfs_level and squashfs_block in plurality.toml"},
	{"mount", '\0', REFUSED_VALUE, NO_ID, NULL, NO_DEFINITION},
	{"no-cleanup", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"no-https", '\0', SWITCH, NO_HTTPS, "NOHTTPS NO_HTTPS", NULL},
	{"nohttps", '\0', SWITCH, NO_HTTPS, NULL, NULL},
	{"notest", 'T', ACCEPTED, NO_ID, NULL, NULL},
	{"nv", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"nvccli", '\0', REFUSED, NO_ID, NULL, NO_DEFINITION},
	{"passphrase", '\0', REFUSED, NO_ID, NULL, NO_ENCRYPTION},
	{"pem-path", '\0', REFUSED_VALUE, NO_ID, NULL, NO_ENCRYPTION},
	{"rocm", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"sandbox", 's', SWITCH, SANDBOX, "SANDBOX", NULL},
	{"section", '\0', REFUSED_VALUE, NO_ID, NULL, NO_DEFINITION},
	{"update", 'u', REFUSED, NO_ID, "UPDATE", NO_DEFINITION},
	{"userns", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"warn-unused-build-args", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{"writable-tmpfs", '\0', ACCEPTED, NO_ID, NULL, NULL},
	{0},
};

const struct option *options_of(const char *command) {
	static const struct {
		const char *command;
		const struct option *options;
	} COMMANDS[] = {{"", GLOBAL}, {"exec", LAUNCH}, {"run", LAUNCH}, {"shell", LAUNCH}, {"pull", PULL}, {"build", BUILD}};
	for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
		if (strcmp(COMMANDS[i].command, command) == 0) {
			return COMMANDS[i].options;
		}
	}
	return NULL;
}
