// SPDX-License-Identifier: Apache-2.0
#include "pause.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "message.h"
#include "text.h"

#define READY_MS 60000

// What children say by their socket: the kernel adds who they are.
enum word { PARENT = 'p', UP = 'u' };

static int open_of(pid_t pid, const char *name) {
	return open(format("/proc/%d/ns/%s", (int)pid, name), O_RDONLY | O_CLOEXEC);
}

_Noreturn static void give_up(const char *what) {
	dprintf(STDERR_FILENO, "%s: %s\n", what, errno == ENOSPC ? "the limit on namespaces is reached (sysctl user.max_user_namespaces)" : reason());
	_exit(1);
}

static bool write_to(int at, const char *name, const char *text) {
	int file = openat(at, name, O_WRONLY | O_CLOEXEC);
	bool well = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
	if (file >= 0) {
		int error = errno;
		close(file);
		errno = error;
	}
	return well;
}

static void say(int line, enum word word) {
	char byte = (char)word;
	if (send(line, &byte, 1, MSG_NOSIGNAL) != 1) {
		_exit(1);
	}
}

static void wait_for_end(int life) {
	char byte;
	while (read(life, &byte, 1) < 0 && errno == EINTR) {
	}
}

// A network namespace begins with a loopback interface that is down.
static void bring_loopback_up(void) {
	struct ifreq request = {.ifr_name = "lo"};
	int socket_of_any_kind = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_of_any_kind < 0 || ioctl(socket_of_any_kind, SIOCGIFFLAGS, &request) != 0) {
		give_up("cannot look at the loopback interface");
	}
	request.ifr_flags |= IFF_UP;
	if (ioctl(socket_of_any_kind, SIOCSIFFLAGS, &request) != 0) {
		give_up("cannot bring the loopback interface up");
	}
	close(socket_of_any_kind);
}

// A second user namespace in the container's, with the user's own ids, and what belongs to it.
static void unshare_with_ids(const struct pause *pause, int processes, int flags) {
	// By the host's view: the container's may have another.
	int self = openat(processes, format("%ld", syscall(SYS_getpid)), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (pause->own_processes) {
		close(self);
		self = openat(processes, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	flags |= (pause->own_ipc ? CLONE_NEWIPC : 0) | (pause->own_network ? CLONE_NEWNET : 0);
	if (unshare(flags) != 0) {
		give_up("cannot make a second user namespace");
	}
	if (pause->own_network) {
		bring_loopback_up();
	}
	if (!write_to(self, "setgroups", "deny") && errno != EPERM && errno != ENOENT) {
		give_up("cannot keep groups as they are");
	}
	if (!write_to(self, "uid_map", format("%u 0 1\n", pause->uid)) || !write_to(self, "gid_map", format("%u 0 1\n", pause->gid))) {
		give_up("cannot map the user's ids");
	}
	close(self);
}

static void enter_workdir(const struct pause *pause) {
	if (chdir(pause->workdir) != 0) {
		give_up(format("cannot enter the working directory %s", pause->workdir));
	}
}

// The first process of a process namespace has to wait for those that lose their parents.
_Noreturn static void be_first(const struct pause *pause, int line) {
	sigset_t children;
	prctl(PR_SET_NAME, "pause");
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || mount("none", "/proc", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
		give_up("cannot mount /proc for the container's own processes");
	}
	enter_workdir(pause);
	say(line, UP);
	close(line);
	while (true) {
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		sigwaitinfo(&children, NULL);
	}
}

// In the runtime's process namespace, whose children may have one of their own.
_Noreturn static void be_parent(const struct pause *pause, int line, int life, int processes) {
	say(line, PARENT);
	unshare_with_ids(pause, processes, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
	pid_t first = fork();
	if (first < 0) {
		give_up("cannot start a process in the container");
	}
	if (first == 0) {
		close(life);
		be_first(pause, line);
	}
	close(line);
	wait_for_end(life);
	_exit(0);
}

_Noreturn static void be_pause(const struct pause *pause, int line, int life) {
	int user = open_of(pause->init, "user"), mounts = open_of(pause->init, "mnt"), own = pause->own_processes ? open_of(pause->init, "pid") : -1;
	int processes = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	prctl(PR_SET_NAME, "pause");
	if (user < 0 || mounts < 0 || processes < 0 || (pause->own_processes && own < 0) || setns(user, CLONE_NEWUSER) != 0 ||
	    setns(mounts, CLONE_NEWNS) != 0 || (own >= 0 && setns(own, CLONE_NEWPID) != 0)) {
		give_up("cannot enter the container that the runtime made");
	}
	close(user);
	close(mounts);
	if (pause->own_processes) {
		close(own);
		pid_t parent = fork();
		if (parent < 0) {
			give_up("cannot start a process in the container");
		}
		if (parent == 0) {
			be_parent(pause, line, life, processes);
		}
		close(line);
		close(life);
		close(processes);
		while (waitpid(parent, NULL, 0) < 0 && errno == EINTR) {
		}
		_exit(0);
	}
	unshare_with_ids(pause, processes, CLONE_NEWUSER | CLONE_NEWNS);
	enter_workdir(pause);
	close(processes);
	say(line, UP);
	close(line);
	wait_for_end(life);
	_exit(0);
}

// Returns the word of a child and who it is; 0 when none will come.
static char hear(int line, pid_t *pid) {
	char byte = 0;
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct pollfd look = {.fd = line, .events = POLLIN};
	if (poll(&look, 1, READY_MS) <= 0 || recvmsg(line, &message, 0) != 1) {
		return 0;
	}
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_CREDENTIALS) {
		return 0;
	}
	struct ucred who;
	memcpy(&who, CMSG_DATA(header), sizeof who);
	*pid = who.pid;
	return byte;
}

bool start_pause(const struct pause *pause, struct paused *paused) {
	int line[2], life[2], on = 1;
	char word;
	pid_t pid;
	*paused = (struct paused){0};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) != 0 || setsockopt(line[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
	    pipe2(life, O_CLOEXEC) != 0) {
		dprintf(STDERR_FILENO, "cannot start the pause process: %s\n", reason());
		return false;
	}
	paused->child = fork();
	if (paused->child == 0) {
		// Its parent's standard input and output end with the launch.
		dup2(life[0], 0);
		dup2(line[1], 1);
		close_from(3);
		int own_line = fcntl(1, F_DUPFD_CLOEXEC, 3), own_life = fcntl(0, F_DUPFD_CLOEXEC, 3);
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, 0);
		dup2(null, 1);
		close(null);
		be_pause(pause, own_line, own_life);
	}
	close(line[1]);
	close(life[0]);
	paused->life = life[1];
	if (paused->child < 0) {
		dprintf(STDERR_FILENO, "cannot start the pause process: %s\n", reason());
		return false;
	}
	while ((word = hear(line[0], &pid)) != 0) {
		if (word == PARENT) {
			paused->parent = pid;
		} else {
			paused->pid = pid;
			close(line[0]);
			return true;
		}
	}
	return false;
}
