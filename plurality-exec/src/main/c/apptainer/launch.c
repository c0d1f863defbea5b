// SPDX-License-Identifier: Apache-2.0
#include "launch.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../files.h"
#include "../message.h"
#include "../variables.h"
#include "chosen.h"
#include "mounts_of.h"

#define READ_SCRIPTS "for plurality_f in /.singularity.d/env/*.sh; do [ ! -f \"$plurality_f\" ] || . \"$plurality_f\"; done; unset plurality_f; "
#define EVALUATE_WORDS "plurality_w=; for plurality_a; do plurality_w=\"$plurality_w \\\"$plurality_a\\\"\"; done; eval \"set -- $plurality_w\"; unset plurality_w plurality_a; "
#define RUNSCRIPT "/.singularity.d/runscript"
#define START_SHELL "if [ -x /bin/bash ]; then exec /bin/bash --norc \"$@\"; else exec /bin/sh \"$@\"; fi"

static void add_pair(struct list *words, const char *option, const char *value) {
	add(words, option);
	add(words, value);
}

static void set_for_container(struct list *environment, const char *name, const char *value) {
	set_variable(environment, format("PLURALITYENV_%s", name), value);
}

static void add_namespaces(const struct line *line, struct list *words) {
	const char *network = value_for(line, NETWORK);
	bool all = is_on(line, CONTAINALL) || is_on(line, COMPAT);
	if ((is_on(line, PID) || all) && !is_on(line, NO_PID)) {
		add(words, "--pid");
	}
	if (is_on(line, IPC) || all) {
		add(words, "--ipc");
	}
	if (network != NULL || is_on(line, NET)) {
		if (network == NULL || strcmp(network, "none") != 0) {
			fail("write --net --network none, or leave both out for the node's network", "cannot make the network '%s': there is only none", network == NULL ? "bridge" : network);
		}
		add_pair(words, "--network", "none");
	}
	if (is_on(line, CLEANENV) || all) {
		add(words, "--cleanenv");
	}
}

static void add_modes(const struct line *global, struct list *words, struct list *environment) {
	if (is_on(global, SILENT)) {
		add(words, "--quiet");
	} else if (is_on(global, QUIET)) {
		set_variable(environment, "PLURALITY_PROGRESS", "none");
	}
	if (is_on(global, DEBUG)) {
		add(words, "--debug");
	}
}

static void add_source(const struct line *line, const struct place *place, const struct image *image, struct list *words, struct list *environment) {
	const struct reference *reference = &image->reference;
	const char *insecure = reference->insecure, *site = setting_for(environment, "CACHEDIR");
	if (image->form == UNPACKED) {
		return;
	}
	add_pair(words, "--pull", "missing");
	if (image->source != NULL) {
		add_pair(words, "--from", image->source);
	}
	if (reference->cache != NULL && !place->has_cache && reference->owner == place->user && is_owned_by(reference->cache, reference->owner)) {
		set_variable(environment, "PLURALITY_CACHE", reference->cache);
	} else {
		if (site != NULL && !place->has_cache) {
			set_variable(environment, "PLURALITY_CACHE", format("%s/plurality", site));
		}
		// Another user's cache is only looked into.
		if (reference->cache != NULL && !place->has_site_caches && is_owned_by(reference->cache, reference->owner)) {
			set_variable(environment, "PLURALITY_SITE_CACHES", reference->cache);
		}
	}
	if (is_on(line, NO_HTTPS) && image->form == NAMED) {
		insecure = registry_of(image->name);
	}
	if (insecure != NULL) {
		const char *others = value_of(environment, "PLURALITY_INSECURE_REGISTRIES");
		set_variable(environment, "PLURALITY_INSECURE_REGISTRIES", *others == '\0' ? insecure : format("%s,%s", others, insecure));
	}
	if (value_for(line, AUTHFILE) != NULL) {
		set_variable(environment, "PLURALITY_AUTH_FILE", value_for(line, AUTHFILE));
	}
}

// What programs look at to know that, and in which image, they run.
static void tell_of_image(const struct line *line, const struct image *image, struct list *environment) {
	const char *slash = strrchr(image->path, '/'), *name = slash == NULL ? image->path : slash + 1;
	set_for_container(environment, "APPTAINER_CONTAINER", image->path);
	set_for_container(environment, "SINGULARITY_CONTAINER", image->path);
	set_for_container(environment, "APPTAINER_NAME", name);
	set_for_container(environment, "SINGULARITY_NAME", name);
	set_for_container(environment, "APPTAINER_COMMAND", line->command);
	if (strcmp(line->command, "shell") == 0) {
		set_for_container(environment, "PS1", "Apptainer> ");
	}
}

// Variables whose values the image's shell is to evaluate become commands of a script, all if it reads the
// image's own scripts before.
static void add_variables(const struct line *line, const struct image *image, struct list *environment, struct text *script) {
	struct chosen chosen = {0};
	bool eval = !is_on(line, NO_EVAL) && !is_on(line, COMPAT);
	choose_variables(line, environment, &chosen);
	bool scripted = image->scripted && (image->form == UNPACKED || eval);
	if (scripted) {
		append(script, READ_SCRIPTS);
	}
	for (size_t i = 0; i < chosen.variables.count; i++) {
		char *variable = chosen.variables.items[i], *value = strchr(variable, '=') + 1;
		bool plain = !eval || is_plain_variable(&chosen, variable);
		if ((!scripted && (plain || !needs_shell(value))) || !append_export(script, variable, plain)) {
			set_for_container(environment, copy_bytes(variable, (size_t)(value - 1 - variable)), value);
		}
	}
}

static bool any_needs_shell(const struct list *rest) {
	for (size_t i = 1; i < rest->count; i++) {
		if (needs_shell(rest->items[i]) || strchr(rest->items[i], '"') != NULL) {
			return true;
		}
	}
	return false;
}

// Words that follow the image.
static void add_command(const struct line *line, const struct image *image, struct list *command, struct list *words, struct text *script) {
	const struct list *rest = &line->rest;
	if (strcmp(line->command, "shell") == 0) {
		const char *shell = value_for(line, SHELL);
		if (shell != NULL) {
			add(command, shell);
		} else {
			const char *const start[] = {"/bin/sh", "-c", START_SHELL, "sh"};
			for (size_t i = 0; i < sizeof start / sizeof *start; i++) {
				add(command, start[i]);
			}
		}
	} else if (strcmp(line->command, "run") == 0 && image->form == UNPACKED) {
		if (exists(AT_FDCWD, format("%s" RUNSCRIPT, image->path))) {
			add_pair(command, "/bin/sh", RUNSCRIPT);
		} else if (rest->count == 1) {
			fail("name a program: apptainer exec DIRECTORY COMMAND", "cannot run %s: it has no runscript", image->path);
		}
	} else if (strcmp(line->command, "run") == 0 && rest->count > 1) {
		add(words, "--entrypoint");
		if (!image->scripted && !is_on(line, NO_EVAL) && !is_on(line, COMPAT) && any_needs_shell(rest)) {
			append(script, EVALUATE_WORDS);
		}
	}
	for (size_t i = 1; i < rest->count; i++) {
		add(command, rest->items[i]);
	}
}

void translate(const struct line *global, const struct line *line, const struct place *place, const struct image *image, struct list *words,
               struct list *environment) {
	struct text script = {0};
	struct list command = {0};
	append(&script, "");
	add_modes(global, words, environment);
	add_namespaces(line, words);
	add_mounts(line, place, words);
	if (is_on(line, NV)) {
		// As a setting it is a note on a node without such a device; as an option it would be an error.
		set_variable(environment, "PLURALITY_NV", "true");
	}
	if (is_on(line, ROCM)) {
		set_variable(environment, "PLURALITY_ROCM", "true");
	}
	add_source(line, place, image, words, environment);
	tell_of_image(line, image, environment);
	add_variables(line, image, environment, &script);
	add_command(line, image, &command, words, &script);
	if (script.length > 0) {
		append(&script, "exec \"$@\"");
		add_pair(words, "--shell", script.bytes);
	}
	add(words, "--");
	add(words, image->name);
	add(words, "--");
	add_all(words, &command);
}
