// SPDX-License-Identifier: Apache-2.0
/*
 * spank-host PLUGIN REMOTE NAME=VALUE... -- COMMAND...: what slurmstepd (REMOTE 1) or srun (0) is to a SPANK plugin, with the step of one
 * task. Each NAME=VALUE is an option that was given, or, in capitals, a variable of the task. Prints the words that the task is started
 * with, one a line, then its variables. With -DPREPENDS it is of Slurm 23.11 or later, and has spank_prepend_task_argv.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <slurm/spank.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

static struct spank_option options[MOST];
static char *argv_of_task[MOST], *environment[MOST];
static int option_count, argc_of_task, variable_count, is_remote, prepended;

void slurm_error(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	vfprintf(stderr, format, words);
	va_end(words);
	fputc('\n', stderr);
}

int spank_remote(spank_t spank)
{
	(void) spank;
	return is_remote;
}

spank_err_t spank_option_register(spank_t spank, struct spank_option *option)
{
	(void) spank;
	options[option_count++] = *option;
	return ESPANK_SUCCESS;
}

spank_err_t spank_getenv(spank_t spank, const char *name, char *space, int size)
{
	size_t length = strlen(name);

	(void) spank;
	for (int i = 0; i < variable_count; i++)
		if (strncmp(environment[i], name, length) == 0 && environment[i][length] == '=')
			return snprintf(space, size, "%s", environment[i] + length + 1) < size ? ESPANK_SUCCESS : ESPANK_NOSPACE;
	return ESPANK_ENV_NOEXIST;
}

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value, int overwrite)
{
	(void) spank;
	(void) overwrite;
	return asprintf(&environment[variable_count++], "%s=%s", name, value) < 0 ? ESPANK_ERROR : ESPANK_SUCCESS;
}

spank_err_t spank_get_item(spank_t spank, spank_item_t item, ...)
{
	va_list words;

	(void) spank;
	va_start(words, item);
	if (item == S_JOB_STEPID) {
		*va_arg(words, unsigned int *) = 0;
	} else if (item == S_JOB_ARGV) {
		*va_arg(words, int *) = argc_of_task;
		*va_arg(words, char ***) = argv_of_task;
	} else {
		va_end(words);
		return ESPANK_BAD_ARG;
	}
	va_end(words);
	return ESPANK_SUCCESS;
}

#ifdef PREPENDS
/* As Slurm has it, the words are copied, and come before those of the command. */
spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char *argv[])
{
	(void) spank;
	memmove(argv_of_task + argc, argv_of_task, (argc_of_task + 1) * sizeof(*argv_of_task));
	for (int i = 0; i < argc; i++)
		argv_of_task[i] = strdup(argv[i]);
	argc_of_task += argc;
	prepended++;
	return ESPANK_SUCCESS;
}
#endif

static int choose(const char *word)
{
	size_t length = strcspn(word, "=");

	for (int i = 0; i < option_count; i++)
		if (strlen(options[i].name) == length && strncmp(options[i].name, word, length) == 0)
			return options[i].cb(options[i].val, word + length + 1, is_remote);
	slurm_error("no such option: %s", word);
	return -1;
}

int main(int argc, char *argv[])
{
	void *plugin = argc < 4 ? NULL : dlopen(argv[1], RTLD_LAZY);
	int (*init)(spank_t, int, char **), (*task_init)(spank_t, int, char **), i = 3;

	if (plugin == NULL) {
		slurm_error("cannot open the plugin: %s", argc < 4 ? "usage" : dlerror());
		return 2;
	}
	*(void **) &init = dlsym(plugin, "slurm_spank_init");
	*(void **) &task_init = dlsym(plugin, "slurm_spank_task_init");
	is_remote = atoi(argv[2]);
	if (init == NULL || task_init == NULL || init(NULL, 0, NULL) != 0)
		return 3;
	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (isupper((unsigned char) argv[i][0]))
			environment[variable_count++] = argv[i];
		else if (choose(argv[i]) != 0)
			return 4;
	}
	for (i++; i < argc; i++)
		argv_of_task[argc_of_task++] = argv[i];
	if (task_init(NULL, 0, NULL) != 0)
		return 5;
	for (i = 0; i < argc_of_task; i++)
		puts(argv_of_task[i]);
	printf("prepended %d\n", prepended);
	for (i = 0; i < variable_count; i++)
		puts(environment[i]);
	return 0;
}
