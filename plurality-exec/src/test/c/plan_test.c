// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../main/c/facts.h"
#include "../../main/c/files.h"
#include "check.h"

static bool hold(int plan, const char *facts) {
	struct lease lease = {0};
	struct entry entry = {0};
	return write_text(plan, "facts", facts) && facts_hold(plan, &lease, &entry);
}

int main(void) {
	struct tests tests = {0};
	char place[] = "/tmp/plurality-c.XXXXXX";
	CHECK(mkdtemp(place) != NULL);
	int at = open_own_directory(AT_FDCWD, place);
	CHECK(mkdirat(at, "facts.d", 0700) == 0 && write_text(at, "facts.d/0", "document") && write_text(at, "entry", "document"));
	const char *rest = format("same 0 %s/entry\nleases /l\ndigest sha256:1\numask 022\nuser me\n", place);

	TEST("a plan holds when all of its facts do");
	CHECK(hold(at, format("%sdirectory %s\nfile %s/entry\nabsent %s/no\nmissing %s/no\nnofile %s\nown %s\nexecutable /bin/sh\nend .\n", rest, place, place, place, place, place, place)));

	TEST("one that does not, an unknown one, or a missing end makes it none");
	for (const char *const *fact = (const char *const[]){"directory /no", "file /tmp", "absent /tmp", "missing /tmp/.", "executable /etc/passwd", "new thing", "state 0:1 /tmp", "same 7 /etc/passwd", "same ../x /etc/passwd", "link /tmp\nreal /etc", NULL};
	     *fact != NULL; fact++) {
		CHECK(!hold(at, format("%s%s\nend .\n", rest, *fact)));
	}
	CHECK(!hold(at, rest) && !hold(at, "end .\n") && !hold(at, ""));

	TEST("a document that has changed makes it none, though its size has not");
	CHECK(write_text(at, "entry", "DOCUMENT") && !hold(at, format("%send .\n", rest)));
	CHECK(remove_tree(AT_FDCWD, place));
	return end_tests(&tests);
}
