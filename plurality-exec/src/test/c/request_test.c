// SPDX-License-Identifier: Apache-2.0
#include "../../main/c/request.h"

#include "check.h"

#define PARSE(...)                                    \
	struct request request = {0};                     \
	parse_request(&request, (char *[]){__VA_ARGS__, NULL})

static char *joined(const struct list *list) {
	struct text text = {0};
	append(&text, "");
	for (size_t i = 0; i < list->count; i++) {
		append(&text, list->items[i]);
		append(&text, "|");
	}
	return text.bytes;
}

int main(void) {
	struct tests tests = {0};

	TEST("options end at the image, and what follows is the command's, options too");
	{
		PARSE("--bind", "/a", "-B/b", "--env=A=B", "-e", "image", "sh", "-c", "--bind");
		CHECK(name_image(&request, ""));
		SAME(joined(&request.options), "--bind|/a|-B/b|--env=A=B|-e|");
		SAME(request.image, "image");
		SAME(joined(&request.command), "sh|-c|--bind|");
	}

	TEST("the ways to share and to pull make no other container");
	{
		PARSE("--share", "node", "--pull=missing", "--share=none", "--cache", "/c", "image");
		CHECK(name_image(&request, ""));
		SAME(request.share, "none");
		SAME(request.pull, "missing");
		SAME(joined(&request.modes), "--share|node|--pull=missing|--share=none|");
		SAME(joined(&request.options), "--cache|/c|");
	}

	TEST("two dashes may stand before the image and before the command, once each");
	{
		PARSE("--pid", "--", "image", "--", "--", "x");
		CHECK(name_image(&request, ""));
		SAME(request.image, "image");
		SAME(joined(&request.command), "--|x|");
	}

	TEST("a bundle or a definition takes the image's place");
	{
		PARSE("--bundle", "/b", "true");
		CHECK(name_image(&request, "/site.toml"));
		SAME(request.image, "bundle:/b");
		SAME(joined(&request.command), "true|");
	}
	{
		PARSE("--edf=mine", "--", "true");
		CHECK(name_image(&request, "site"));
		CHECK(request.image == NULL);
		SAME(request.edf, "mine");
		SAME(joined(&request.command), "true|");
	}
	{
		PARSE("true");
		CHECK(name_image(&request, "site"));
		SAME(request.edf, "site");
		SAME(joined(&request.options), "--edf|site|");
		SAME(joined(&request.command), "true|");
	}

	TEST("what is not known, or asks for help, is the planner's to answer");
	{
		PARSE("--no-such", "image");
		CHECK(request.information);
	}
	{
		PARSE("-h");
		CHECK(request.information && !name_image(&request, ""));
	}
	return end_tests(&tests);
}
