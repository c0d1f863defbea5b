// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/rundir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../main/c/files.h"
#include "check.h"

int main(void) {
	struct tests tests = {0};
	char place[] = "/tmp/plurality-c.XXXXXX";
	CHECK(mkdtemp(place) != NULL);
	int at = open_own_directory(AT_FDCWD, place);

	TEST("a text is a file's name, another for each");
	SAME(escaped("/a,b+c%d\x1fx"), ",a%2Cb%2Bc%25d+x");

	TEST("a file ready is believed when it is whole only");
	{
		struct container container = {0};
		char text[] = "runtime /r\nworkdir /a b \nprocesses own\nkept A_*|B\npause 12 345\nend .\n";
		CHECK(parse_ready(text, &container));
		SAME(container.workdir, "/a b ");
		SAME(container.kept, "A_*|B");
		CHECK(container.own_processes && container.pause.pid == 12 && container.pause.ticks == 345 && !container.has_entrypoint);
	}
	{
		struct container container = {0};
		char cut[] = "workdir /a\npause 12 345\n", without[] = "workdir /a\npause 0 1\nend .\n";
		CHECK(!parse_ready(cut, &container));
		CHECK(!parse_ready(without, &container));
	}

	TEST("a directory that others may write to, or a link, is not one's own");
	CHECK(mkdirat(at, "d", 0700) == 0 && symlinkat("d", at, "link") == 0);
	int own = open_own_directory(at, "d");
	CHECK(own >= 0 && open_own_directory(at, "link") < 0);
	CHECK(fchmodat(at, "d", 0770, 0) == 0 && open_own_directory(at, "d") < 0);
	CHECK(fchmodat(at, "d", 01777, 0) == 0 && open_own_directory(at, "d") < 0);
	CHECK(fchmodat(at, "d", 0755, 0) == 0 && open_own_directory(at, "d") >= 0);

	TEST("a file that is a link, a pipe, or open to others is not believed");
	CHECK(write_text(own, "file", "x") && read_own(own, "file", NULL) != NULL);
	CHECK(symlinkat("file", own, "link") == 0 && read_own(own, "link", NULL) == NULL);
	CHECK(mkfifoat(own, "pipe", 0600) == 0 && read_own(own, "pipe", NULL) == NULL);
	CHECK(fchmodat(own, "file", 0666, 0) == 0 && read_own(own, "file", NULL) == NULL);

	TEST("a file that is endless is read to a bound");
	CHECK(fchmodat(own, "file", 0600, 0) == 0 && truncate(format("%s/d/file", place), 1LL << 40) == 0 && read_own(own, "file", NULL) == NULL);

	TEST("a tree is copied and removed with links in it, and no link is followed");
	CHECK(unlinkat(own, "pipe", 0) == 0 && write_text(own, "file", "x") && mkdirat(own, "deep", 0755) == 0 && symlinkat("/etc", own, "deep/etc") == 0);
	CHECK(mkdirat(at, "copy", 0700) == 0);
	int copy = open_own_directory(at, "copy");
	CHECK(copy_tree(own, copy) && strcmp(read_own(copy, "file", NULL), "x") == 0 && exists(copy, "deep/etc"));
	CHECK(remove_tree(at, "copy") && !exists(at, "copy") && exists(AT_FDCWD, "/etc/passwd"));
	CHECK(remove_tree(AT_FDCWD, place));
	return end_tests(&tests);
}
