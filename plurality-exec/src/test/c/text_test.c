// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/text.h"

#include "check.h"

int main(void) {
	struct tests tests = {0};

	TEST("a list ends with NULL, however long it is");
	struct list list = {0};
	for (int i = 0; i < 1000; i++) {
		add(&list, format("%d", i));
	}
	CHECK(list.count == 1000 && list.items[1000] == NULL);
	SAME(list.items[999], "999");

	TEST("strings that NULs end are parted, empty ones too, and one without an end");
	struct list strings = {0};
	add_strings(&strings, "a=1\0\0b", 6);
	CHECK(strings.count == 3);
	SAME(strings.items[0], "a=1");
	SAME(strings.items[1], "");
	SAME(strings.items[2], "b");

	TEST("a number is digits only, within its bounds");
	unsigned long long number;
	CHECK(parse_number("0", 9, &number) && number == 0);
	CHECK(parse_number("4294967295", 0xffffffff, &number) && number == 0xffffffff);
	CHECK(!parse_number("4294967296", 0xffffffff, &number));
	CHECK(!parse_number("99999999999999999999999999", ~0ULL, &number));
	CHECK(!parse_number("", 9, &number) && !parse_number("-1", 9, &number) && !parse_number(" 1", 9, &number) && !parse_number("1x", 9, &number));

	TEST("a line is a name and a value, with all blanks but the first");
	char text[] = "workdir /a b \nend .\nalone\n\nlast  x";
	char *at = text, *name, *value;
	CHECK(next_line(&at, &name, &value));
	SAME(name, "workdir");
	SAME(value, "/a b ");
	CHECK(next_line(&at, &name, &value) && next_line(&at, &name, &value));
	SAME(name, "alone");
	SAME(value, "");
	CHECK(next_line(&at, &name, &value));
	SAME(name, "");
	CHECK(next_line(&at, &name, &value));
	SAME(value, " x");
	CHECK(!next_line(&at, &name, &value));
	return end_tests(&tests);
}
