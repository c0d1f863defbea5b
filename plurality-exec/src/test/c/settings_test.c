// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/settings.h"

#include "../../main/c/variables.h"
#include "check.h"

static bool is_patience(const char *text, unsigned long long expected) {
	unsigned long long seconds = 0;
	return parse_patience(text, &seconds) && seconds == expected;
}

int main(void) {
	struct tests tests = {0};
	unsigned long long none;

	TEST("a patience is a number above 0 with a unit");
	CHECK(is_patience("90s", 90) && is_patience("90 s", 90) && is_patience(" 2m ", 120) && is_patience("2min", 120) && is_patience("1d", 86400));
	CHECK(is_patience("007h", 7 * 3600) && is_patience("none", 1000000000) && is_patience("999999999w", 1000000000));
	CHECK(!parse_patience("0s", &none) && !parse_patience("s", &none) && !parse_patience("soon", &none) && !parse_patience("5", &none));
	CHECK(!parse_patience("5 min x", &none) && !parse_patience("1.5h", &none) && !parse_patience("-1s", &none) && !parse_patience("99999999999999999999s", &none));

	TEST("pins of this job, or of a job that had no number yet, count where the step has none");
	static const struct {
		const char *pins;
		const char *expected;
	} PINS[] = {{"7 a=b", "a=b"}, {"- a=b", "a=b"}, {"8 a=b", NULL}, {"77 a=b", NULL}, {" a=b", NULL}, {"7", NULL}};
	for (size_t i = 0; i < sizeof PINS / sizeof *PINS; i++) {
		struct list list = {0};
		set_variable(&list, "SLURM_JOB_ID", "7");
		set_variable(&list, "SLURM_PLURALITY_PINNED", PINS[i].pins);
		set_variable(&list, "SLURM_PLURALITY_CACHE", "/c");
		take_pins(&list);
		const char *pinned = variable(&list, "PLURALITY_PINNED");
		CHECK(PINS[i].expected == NULL ? pinned == NULL : pinned != NULL && strcmp(pinned, PINS[i].expected) == 0);
		CHECK((variable(&list, "PLURALITY_CACHE") != NULL) == (PINS[i].expected != NULL));
		set_variable(&list, "PLURALITY_PINNED", "own");
		take_pins(&list);
		SAME(value_of(&list, "PLURALITY_PINNED"), "own");
	}

	TEST("Slurm's list has tasks for each node");
	CHECK(tasks_of_node("2(x3),1", 0) == 2 && tasks_of_node("2(x3),1", 2) == 2 && tasks_of_node("2(x3),1", 3) == 1);
	CHECK(tasks_of_node("4", 0) == 4 && tasks_of_node("4", 1) == 1 && tasks_of_node("", 0) == 1 && tasks_of_node("x", 0) == 1 && tasks_of_node("2(x", 0) == 1);

	TEST("a setting is a key, an equals sign and a value in quotation marks");
	SAME(setting_in("share = \"node\" # x", 18, "share"), "node");
	SAME(setting_in("\trun_dir='/a b'", 15, "run_dir"), "/a b");
	CHECK(setting_in("share = node", 12, "share") == NULL && setting_in("shares = \"x\"", 12, "share") == NULL);
	CHECK(setting_in("share = \"x", 10, "share") == NULL && setting_in("#share = \"x\"", 12, "share") == NULL && setting_in("", 0, "share") == NULL);

	TEST("the home of a user is the sixth field of the line with its number");
	const char *passwd = "root:x:0:0:root:/root:/bin/sh\n+::::::\na:x:10:10::/home/a:\nb:x:1:1:x,,:/home/b with blank:/bin/sh\nbroken:x:7\nlast:x:8:8::/l";
	SAME(home_in(passwd, 0), "/root");
	SAME(home_in(passwd, 10), "/home/a");
	SAME(home_in(passwd, 1), "/home/b with blank");
	SAME(home_in(passwd, 8), "/l");
	CHECK(home_in(passwd, 7) == NULL && home_in(passwd, 99) == NULL && home_in("", 0) == NULL);
	return end_tests(&tests);
}
