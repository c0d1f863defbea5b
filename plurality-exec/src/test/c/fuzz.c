// SPDX-License-Identifier: Apache-2.0
// Feeds changed texts to the parsers of the command line and of the files that are read, under the sanitizers:
// fuzz SECONDS [SEED]
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../main/c/facts.h"
#include "../../main/c/files.h"
#include "../../main/c/process.h"
#include "../../main/c/request.h"
#include "../../main/c/rundir.h"
#include "../../main/c/settings.h"
#include "../../main/c/variables.h"
#include "check.h"

static const char *const SEEDS[] = {
	"runtime /r\nworkdir /a b \nprocesses own\nkept A_*|B\npause 12 345\nend .\n",
	"--bind\0/a\0-B/b\0--env=A=B\0--share=node\0image\0--\0sh",
	"share = \"node\"\nrun_dir='/tmp/x'\n",
	"root:x:0:0:root:/root:/bin/sh\na:x:10:10::/home/a:\n",
	"2(x3),1,16(x100)",
	"90 min",
	"same 0 /etc/passwd\ndirectory /tmp\nlink /tmp\nreal /tmp\nstate 0:41ff /tmp\nend .\n",
};

// Of the second, which has NULs.
#define COMMAND_LINE 50

static size_t change(char *text, size_t length, size_t room) {
	for (int i = rand() % 8; i >= 0; i--) {
		size_t at = length > 0 ? (size_t)rand() % length : 0, count = (size_t)rand() % 8;
		switch (rand() % 4) {
		case 0: text[at] = (char)rand(); break;
		case 1: text[at] = "\n\0 =\"':,()-*|@9"[rand() % 15]; break;
		case 2:
			if (at + count < length) {
				memmove(text + at, text + at + count, length - at - count);
				length -= count;
			}
			break;
		default:
			if (length + count < room) {
				memmove(text + at + count, text + at, length - at);
				length += count;
			}
		}
	}
	text[length] = '\0';
	return length;
}

static void parse_all(const char *text, size_t length, int place) {
	struct container container = {0};
	struct request request = {0};
	struct list list = {0};
	struct lease lease = {0};
	struct entry entry = {0};
	struct process process;
	unsigned long long number;
	parse_ready(copy_bytes(text, length), &container);
	add_strings(&list, text, length);
	keep_variables(&list, copy_bytes(text, length));
	list = (struct list){0};
	add_strings(&list, text, length);
	bool terminal = false;
	for (size_t i = 0; i < list.count; i++) {
		terminal |= strcmp(list.items[i], "-t") == 0 || strcmp(list.items[i], "--tty") == 0;
	}
	if (list.count > 0 && !terminal) {
		bool missing = list.items[list.count - 1][0] == '-';
		add(&list, "value");
		parse_request(&request, list.items);
		if (!missing && (request.rest.count == 0 || *request.rest.items[0] != '\0')) {
			name_image(&request, "");
		}
	}
	setting_in(text, length, "share");
	home_in(text, 10);
	tasks_of_node(text, (unsigned long long)rand() % 5);
	parse_patience(text, &number);
	parse_process(text, &process);
	escaped(text);
	if (write_file(place, "facts", text, length, false)) {
		facts_hold(place, &lease, &entry);
	}
}

int main(int count, char **arguments) {
	struct tests tests = {0};
	time_t end = time(NULL) + (count > 1 ? atoi(arguments[1]) : 2);
	unsigned seed = count > 2 ? (unsigned)atoi(arguments[2]) : (unsigned)time(NULL);
	char place[] = "/tmp/plurality-c.XXXXXX";
	int at = mkdtemp(place) == NULL ? -1 : open_own_directory(AT_FDCWD, place);
	printf("# seed %u\n", seed);
	srand(seed);
	TEST("no text breaks a parser");
	CHECK(at >= 0);
	while (time(NULL) < end) {
		// Nothing is freed: each round is a process of its own.
		pid_t child = fork();
		if (child == 0) {
			for (int i = 0; i < 2000; i++) {
				char text[4096] = {0};
				size_t which = (size_t)rand() % (sizeof SEEDS / sizeof *SEEDS), length = which == 1 ? COMMAND_LINE : strlen(SEEDS[which]);
				memcpy(text, SEEDS[which], length);
				parse_all(text, change(text, length, sizeof text - 1), at);
			}
			_exit(0);
		}
		CHECK(child > 0 && wait_for(child) == 0);
		for (int i = 0; i < 7; i++) {
			srand((unsigned)rand());
		}
	}
	remove_tree(AT_FDCWD, place);
	return end_tests(&tests);
}
