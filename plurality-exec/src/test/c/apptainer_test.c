// SPDX-License-Identifier: Apache-2.0
// The cases of tests/apptainer-cases.txt.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/apptainer/help.h"
#include "../../main/c/apptainer/launch.h"
#include "../../main/c/apptainer/targets.h"
#include "../../main/c/files.h"
#include "../../main/c/variables.h"
#include "check.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct apptainer_case {
	struct list typed;
	struct list environment;
	struct text words;
	struct text command;
	struct list gives;
	struct list lacks;
	const char *fails;
};

// Words as in a shell, with single quotes only.
static void split(const char *text, struct list *words) {
	while (*text != '\0') {
		struct text word = {0};
		append(&word, "");
		text += strspn(text, " ");
		bool any = *text != '\0', quoted = false;
		for (; *text != '\0' && (quoted || *text != ' '); text++) {
			if (*text == '\'') {
				quoted = !quoted;
			} else {
				text += !quoted && *text == '\\' && text[1] != '\0';
				append_bytes(&word, text, 1);
			}
		}
		if (any) {
			add(words, word.bytes);
		}
	}
}

static struct image image_of(const char *text) {
	struct image image = {.path = "/w/img.sif", .form = REFERENCE, .name = "r.example/a/img@" DIGEST};
	if (strcmp(text, "X.sif") == 0) {
		image = (struct image){.form = PACKED, .name = "localhost/apptainer/x:1", .source = "sif:/w/x.sif", .path = "/w/x.sif", .scripted = true};
	} else if (strcmp(text, "BOX") == 0) {
		image = (struct image){.form = UNPACKED, .name = "dir:/w/box", .path = "/w/box", .scripted = true};
	} else if (strcmp(text, "IMG") != 0) {
		find_image(text, &image);
	}
	return image;
}

// As main does it, but for the files and the exec.
static const char *translate_case(struct apptainer_case *one, struct list *words) {
	struct line global = {0}, line = {0};
	struct place place = {.home = value_of(&one->environment, "HOME"), .here = "/w", .user = 1000};
	parse_line(&global, "", one->typed.items);
	answer_for_people(&global);
	parse_line(&line, global.rest.items[0], global.rest.items + 1);
	add_settings(&line, &one->environment);
	struct image image = image_of(line.rest.items[0]);
	translate(&global, &line, &place, &image, words, &one->environment);
	return image.name;
}

static char *joined(char *const *words, size_t count) {
	struct text text = {0};
	append(&text, "");
	for (size_t i = 0; i < count; i++) {
		append(&text, words[i]);
		append(&text, "\x1f");
	}
	return text.bytes;
}

static char *joined_text(const char *text) {
	struct list words = {0}, all = {0};
	static const char *const STARTS[] = {"--try-workdir", "/w", "--try-workdir", "/home/u", "--try-workdir", "/"};
	split(text, &words);
	for (size_t i = 0; i < words.count; i++) {
		if (strcmp(words.items[i], "STARTS") == 0) {
			for (size_t j = 0; j < 6; j++) {
				add(&all, STARTS[j]);
			}
		} else {
			add(&all, words.items[i]);
		}
	}
	return joined(all.items, all.count);
}

static void check_translation(struct tests *all, struct apptainer_case *one) {
	struct tests tests = *all;
	struct list words = {0};
	const char *name = translate_case(one, &words);
	size_t image = 0;
	while (image + 1 < words.count && !(strcmp(words.items[image], "--") == 0 && strcmp(words.items[image + 1], name) == 0)) {
		image++;
	}
	const char *options = joined(words.items, image), *expected = joined_text(one->words.bytes);
	CHECK(strcmp(options, expected) == 0);
	if (strcmp(options, expected) != 0) {
		printf("# is       %s\n# expected %s\n", options, expected);
	}
	CHECK(image + 2 < words.count && strcmp(words.items[image + 2], "--") == 0);
	SAME(joined(words.items + image + 3, words.count - image - 3), joined_text(one->command.bytes));
	for (size_t i = 0; i < one->gives.count; i++) {
		const char *equals = strchr(one->gives.items[i], '=');
		SAME(value_of(&one->environment, copy_bytes(one->gives.items[i], (size_t)(equals - one->gives.items[i]))), equals + 1);
	}
	for (size_t i = 0; i < one->lacks.count; i++) {
		CHECK(variable(&one->environment, one->lacks.items[i]) == NULL);
	}
	*all = tests;
}

static void check_refusal(struct tests *all, struct apptainer_case *one) {
	struct tests tests = *all;
	int ends[2], status = 0;
	fflush(stdout);
	CHECK(pipe(ends) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct list words = {0};
		dup2(ends[1], STDERR_FILENO);
		translate_case(one, &words);
		_exit(0);
	}
	close(ends[1]);
	const char *said = read_some(ends[0], 65536, NULL);
	close(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && (WEXITSTATUS(status) == 125 || WEXITSTATUS(status) == 1));
	CHECK(said != NULL && strstr(said, one->fails) != NULL);
	*all = tests;
}

static void check(struct tests *tests, struct apptainer_case *one) {
	if (one->typed.count == 0) {
		return;
	}
	if (one->fails != NULL) {
		check_refusal(tests, one);
	} else {
		check_translation(tests, one);
	}
}

static struct apptainer_case fresh(void) {
	struct apptainer_case one = {0};
	add(&one.environment, "HOME=/home/u");
	append(&one.words, "");
	append(&one.command, "");
	return one;
}

int main(void) {
	struct tests tests = {0};
	struct apptainer_case one = fresh();
	char *text = read_host(AT_FDCWD, APPTAINER_CASES, NULL), *kind, *value;
	int cases = 0;
	for (char *at = text; text != NULL && next_line(&at, &kind, &value);) {
		if (strcmp(kind, "case") == 0) {
			check(&tests, &one);
			one = fresh();
			TEST(value);
			cases++;
		} else if (strcmp(kind, "set") == 0) {
			const char *equals = strchr(value, '=');
			set_variable(&one.environment, copy_bytes(value, (size_t)(equals - value)), equals + 1);
		} else if (strcmp(kind, "type") == 0) {
			split(value, &one.typed);
		} else if (strcmp(kind, "words") == 0) {
			append(&one.words, value);
		} else if (strcmp(kind, "command") == 0) {
			append(&one.command, value);
		} else if (strcmp(kind, "gives") == 0) {
			add(&one.gives, value);
		} else if (strcmp(kind, "not") == 0) {
			add(&one.lacks, value);
		} else if (strcmp(kind, "fails") == 0) {
			one.fails = value;
		} else {
			CHECK(*kind == '\0' || *kind == '#');
		}
	}
	check(&tests, &one);
	TEST("the table of cases was read");
	CHECK(cases >= 40);

	TEST("sources and destinations of binds are known, to make mount points below others");
	{
		struct targets targets = {0};
		add_bind_targets(&targets, "a:/b:ro,/c,/d\\,e:/f\\:g,:/none", "/w");
		add_mount_target(&targets, "type=bind,source=x,target=/y,readonly", "/w");
		add_mount_target(&targets, "type=tmpfs,destination=/z", "/w");
		SAME(joined(targets.sources.items, targets.sources.count), "/w/a\x1f/c\x1f/d,e\x1f/w/x\x1f");
		SAME(joined(targets.destinations.items, targets.destinations.count), "/b\x1f/c\x1f/f:g\x1f/y\x1f");
	}
	return end_tests(&tests);
}
