// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "join.h"
#include "message.h"
#include "process.h"

// A signal that is sent to a process group, or to each process of a step, reaches the program by itself. The
// witness, a second child, has all signals blocked: one that is pending there, too, was sent to all. Senders
// need a moment to go through the processes.
#define TRIES 5
#define TRY_NS 5000000L

// Not those for a program's own faults, those that stop it, and those that the caller ignores.
static void signals_to_pass(sigset_t *set) {
	static const int NOT[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE, SIGCHLD, SIGURG, SIGTSTP, SIGTTIN, SIGTTOU, 0};
	sigfillset(set);
	for (const int *signal = NOT; *signal != 0; signal++) {
		sigdelset(set, *signal);
	}
	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		struct sigaction action;
		if (sigaction(signal, NULL, &action) != 0 || action.sa_handler == SIG_IGN) {
			sigdelset(set, signal);
		}
	}
}

static void drop_capabilities(void) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	syscall(SYS_capset, &header, none);
}

// Answers, for each number of a signal, whether it is pending here, and takes it.
_Noreturn static void be_witness(int line) {
	sigset_t all;
	unsigned char signal;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	drop_capabilities();
	prctl(PR_SET_NAME, "witness");
	dup2(line, 0);
	close_from(1);
	while (read(0, &signal, 1) == 1) {
		sigset_t one;
		sigemptyset(&one);
		sigaddset(&one, signal);
		unsigned char answer = sigtimedwait(&one, NULL, &(struct timespec){0}) == signal;
		if (write(0, &answer, 1) != 1) {
			break;
		}
	}
	_exit(0);
}

static bool reached_all(int line, int signal) {
	for (int i = 0; i < TRIES; i++) {
		unsigned char number = (unsigned char)signal, answer = 0;
		if (i > 0) {
			nanosleep(&(struct timespec){.tv_nsec = TRY_NS}, NULL);
		}
		if (write(line, &number, 1) != 1 || read(line, &answer, 1) != 1) {
			return false;
		}
		if (answer) {
			return true;
		}
	}
	return false;
}

_Noreturn static void end_as(int status) {
	if (WIFSIGNALED(status)) {
		int signal = WTERMSIG(status);
		struct sigaction action = {.sa_handler = SIG_DFL};
		struct rlimit none = {0, 0};
		sigset_t set;
		setrlimit(RLIMIT_CORE, &none);
		sigaction(signal, &action, NULL);
		sigemptyset(&set);
		sigaddset(&set, signal);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		raise(signal);
		_exit(128 + signal);
	}
	_exit(WEXITSTATUS(status));
}

static pid_t start_program(const struct context *context, char *const *command, const struct list *environment, const int *gate) {
	pid_t program = fork();
	if (program == 0) {
		char go;
		close(gate[1]);
		// Until the witness is there: what is sent to all before then is pending here, and is once.
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || read(gate[0], &go, 1) != 1) {
			_exit(launch_status());
		}
		close(gate[0]);
		restore_origin(&context->origin);
		execute(command, environment);
	}
	return program;
}

void guard_program(const struct context *context, char *const *command, const struct list *environment) {
	sigset_t pass, wanted;
	int gate[2], line[2], status;
	signals_to_pass(&pass);
	wanted = pass;
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	if (pipe2(gate, O_CLOEXEC) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) {
		fail("raise the limit on open files (ulimit -n)", "cannot look after the program: %s", reason());
	}
	pid_t program = start_program(context, command, environment, gate);
	pid_t witness = program < 0 ? -1 : fork();
	if (witness == 0) {
		close(line[0]);
		be_witness(line[1]);
	}
	if (witness < 0) {
		fail("check the limit on processes (ulimit -u)", "cannot start the program: %s", reason());
	}
	drop_capabilities();
	if (write(gate[1], "", 1) != 1) {
		fail("run it again", "cannot start the program: %s", reason());
	}
	// What leads here is the program's alone.
	dup2(line[0], 0);
	close_from(1);
	while (true) {
		siginfo_t info;
		int signal = sigwaitinfo(&wanted, &info);
		if (signal == SIGCHLD) {
			if (waitpid(program, &status, WNOHANG) == program) {
				kill(witness, SIGKILL);
				end_as(status);
			}
			waitpid(witness, NULL, WNOHANG);
		} else if (signal > 0 && (info.si_code != SI_KERNEL || signal == SIGALRM) && !reached_all(0, signal)) {
			// The kernel's own, of a terminal, are for all.
			kill(program, signal);
		}
	}
}
