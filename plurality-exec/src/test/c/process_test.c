// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/process.h"

#include <unistd.h>

#include "check.h"

int main(void) {
	struct tests tests = {0};
	struct context context = {0};
	note_origin(&context.origin);

	TEST("a process is told by its number and its start");
	struct process self = {getpid(), start_ticks(getpid())}, later = {getpid(), self.ticks + 1};
	CHECK(self.ticks > 0 && is_running(self) && !is_running(later));
	CHECK(start_ticks(0x3fffffff) == 0);

	TEST("a process's text has both numbers");
	struct process parsed;
	CHECK(parse_process("12 34\n", &parsed) && parsed.pid == 12 && parsed.ticks == 34);
	CHECK(!parse_process("12", &parsed) && !parse_process("0 3", &parsed) && !parse_process("-1 3", &parsed) && !parse_process("", &parsed) && !parse_process(NULL, &parsed));

	TEST("a child's status is its own, and 128 with the number of a signal that ended it");
	char *const environment[] = {NULL};
	struct child child = {(char *const[]){"/bin/sh", "-c", "exit 3", NULL}, environment, 0, 1, 2, true, false, -1, -1};
	CHECK(wait_for(start(&context, &child)) == 3);
	child.arguments = (char *const[]){"/bin/sh", "-c", "kill -TERM $$", NULL};
	CHECK(wait_for(start(&context, &child)) == 143);
	child.arguments = (char *const[]){"/no/such/program", NULL};
	child.errors = child.output;
	CHECK(wait_for(start(&context, &child)) == 127);

	TEST("one line of what a program prints");
	SAME(first_line_of(&context, (char *const[]){"/bin/sh", "-c", "echo one; echo two", NULL}), "one");
	CHECK(first_line_of(&context, (char *const[]){"/bin/true", NULL}) == NULL);
	return end_tests(&tests);
}
