// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/variables.h"

#include "check.h"

int main(void) {
	struct tests tests = {0};
	struct list list = {0};

	TEST("a variable is found by its whole name");
	add(&list, "A=1");
	add(&list, "AB=2");
	add(&list, "EMPTY=");
	add(&list, "nothing");
	SAME(value_of(&list, "A"), "1");
	SAME(value_of(&list, "AB"), "2");
	CHECK(variable(&list, "EMPTY") != NULL && variable(&list, "B") == NULL && variable(&list, "nothing") == NULL);

	TEST("what is set replaces each of its name, and leaves others in order");
	add(&list, "A=3");
	set_variable(&list, "A", "x=y");
	SAME(value_of(&list, "A"), "x=y");
	CHECK(list.count == 4);
	SAME(list.items[0], "AB=2");

	TEST("--cleanenv keeps names that fit a pattern");
	struct list kept = {0};
	add(&kept, "SLURM_PROCID=1");
	add(&kept, "SLURM=2");
	add(&kept, "HOME=/h");
	add(&kept, "HOMER=/h");
	add(&kept, "BASH_FUNC_f%%=() { :; }");
	keep_variables(&kept, "SLURM_*|PMI_*|HOME");
	CHECK(kept.count == 2);
	SAME(kept.items[0], "SLURM_PROCID=1");
	SAME(kept.items[1], "HOME=/h");
	CHECK(kept.items[2] == NULL);
	return end_tests(&tests);
}
