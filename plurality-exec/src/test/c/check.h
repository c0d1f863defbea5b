// SPDX-License-Identifier: Apache-2.0
// A test is a block after TEST("what holds"); its CHECKs say where it did not. The program ends with 1 when any
// failed.
#ifndef PLURALITY_CHECK_H
#define PLURALITY_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tests {
	int run;
	int failed;
	const char *name;
	bool bad;
};

// Counts the test before, if there is one, and begins the next.
static inline void begin(struct tests *tests, const char *name) {
	if (tests->name != NULL) {
		printf("%s %d %s\n", tests->bad ? "not ok" : "ok", ++tests->run, tests->name);
		tests->failed += tests->bad;
	}
	tests->name = name;
	tests->bad = false;
}

static inline int end_tests(struct tests *tests) {
	begin(tests, NULL);
	printf("1..%d\n", tests->run);
	return tests->failed > 0;
}

#define TEST(name) begin(&tests, name)
#define CHECK(condition)                                                     \
	do {                                                                     \
		if (!(condition)) {                                                  \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);         \
			tests.bad = true;                                                \
		}                                                                    \
	} while (0)
#define SAME(actual, expected) CHECK(strcmp((actual), (expected)) == 0)

#endif
