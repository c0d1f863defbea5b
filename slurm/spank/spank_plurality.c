// SPDX-License-Identifier: Apache-2.0
/*
 * srun|sbatch|salloc --plurality-image=REF: the tasks of a job's steps run in that image.
 *
 * Slurm 23.11 and later can put words before a task's command (spank_prepend_task_argv). Before that the command's first word is
 * replaced by a script of ours, and given to it in the environment. Either way it happens in the task, as its user, and what Slurm does
 * after it (TaskProlog, limits) stays as it is.
 *
 * A batch script itself stays outside: it is the one that calls srun. Its choice reaches its steps by the environment.
 */
#include <limits.h>
#include <slurm/spank.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SPANK_PLUGIN(plurality, 1)

#ifndef PREFIX
#error "PREFIX has to be the directory of Plurality's tree"
#endif

/* Where slurmstepd has no such function the address is null. */
extern spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char *argv[]) __attribute__((weak));

/* slurm.h would bring all of Slurm in for these two. */
#define BATCH_STEP 0xfffffffbU
#define INTERACTIVE_STEP 0xfffffffaU

enum setting { IMAGE, BIND, SHARE, CACHE, SETTINGS };

static const struct {
	char *option, *argument, *usage;
	const char *variable;
} known[SETTINGS] = {
	[IMAGE] = {"plurality-image", "REF", "run the tasks in this image, which must be in the cache", "PLURALITY_SPANK_IMAGE"},
	[BIND] = {"plurality-bind", "SRC[:DST[:ro|rw]],...", "bind these into the container, in addition to home and working directory", "PLURALITY_BIND"},
	[SHARE] = {"plurality-share", "none|node|auto", "whether the tasks of a node share a container", "PLURALITY_SHARE"},
	[CACHE] = {"plurality-cache", "DIR", "use this cache", "PLURALITY_CACHE"},
};

static char *chosen[SETTINGS];
/* Whether that is of the job in which srun was called; a step's own choice takes its place. */
static int is_jobs[SETTINGS];

/* Slurm gives srun the job's options first, by the environment. */
static int is_in_environment(int which, const char *value)
{
	char name[128];
	const char *found;

	snprintf(name, sizeof(name), "SLURM_SPANK__SLURM_SPANK_OPTION_plurality_%s", known[which].option);
	for (char *c = name; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	found = getenv(name);
	return found != NULL && strcmp(found, value) == 0;
}

/* Called for each option that was given: by srun and the like, and by slurmstepd on the nodes. */
static int choose(int which, const char *value, int remote)
{
	if (which < 0 || which >= SETTINGS || value == NULL || *value == '\0') {
		slurm_error("plurality: the value of an option is missing");
		return -1;
	}
	/* A command's components share what a plugin was told last: the others would run in that one's image. */
	if (!remote && chosen[which] != NULL && !is_jobs[which] && strcmp(chosen[which], value) != 0) {
		slurm_error("plurality: cannot use --%s=%s: --%s=%s is given, too, and components of a command share these options; "
			    "start one srun for each", known[which].option, value, known[which].option, chosen[which]);
		return -1;
	}
	is_jobs[which] = !remote && chosen[which] == NULL && is_in_environment(which, value);
	free(chosen[which]);
	chosen[which] = strdup(value);
	if (chosen[which] == NULL)
		return -1;
	/* For the steps of the job; sbatch and salloc hand their environment on. */
	if (!remote && setenv(known[which].variable, value, 1) != 0)
		return -1;
	return 0;
}

int slurm_spank_init(spank_t spank, int ac, char *av[])
{
	(void) ac;
	(void) av;
	for (int i = 0; i < SETTINGS; i++) {
		struct spank_option option = {known[i].option, known[i].argument, known[i].usage, 1, i, choose};

		if (spank_option_register(spank, &option) != ESPANK_SUCCESS) {
			slurm_error("plurality: cannot register --%s", known[i].option);
			return -1;
		}
	}
	return 0;
}

/* What an option or the job's environment says, the option first. */
static const char *value_of(spank_t spank, enum setting which, char *space, int size)
{
	if (chosen[which] != NULL)
		return chosen[which];
	if (spank_getenv(spank, known[which].variable, space, size) == ESPANK_SUCCESS && *space != '\0')
		return space;
	return NULL;
}

/* Whether srun was called with --multi-prog: it has read the file that its first word names into the second, which is the last. */
static int has_many_programs(spank_t spank)
{
	char **argv = NULL, *text;
	size_t length;
	FILE *file;
	int argc = 0, same;

	if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc != 2 || argv == NULL || argv[1] == NULL)
		return 0;
	length = strlen(argv[1]);
	text = malloc(length + 1);
	file = text == NULL ? NULL : fopen(argv[0], "r");
	same = file != NULL && fread(text, 1, length + 1, file) == length && memcmp(text, argv[1], length) == 0;
	if (file != NULL)
		fclose(file);
	free(text);
	return same && length > 0;
}

/* In srun. Where the plugin has to replace a command's first word, Slurm would find none of those programs, and start the file's as they are. */
int slurm_spank_local_user_init(spank_t spank, int ac, char *av[])
{
	const char *image = chosen[IMAGE] != NULL ? chosen[IMAGE] : getenv(known[IMAGE].variable);

	(void) ac;
	(void) av;
	if (spank_prepend_task_argv == NULL && image != NULL && *image != '\0' && has_many_programs(spank)) {
		slurm_error("plurality: cannot run the programs of --multi-prog in an image: this release of Slurm starts them on the host; "
			    "write 'plurality-exec IMAGE' before each in the file, without --plurality-image");
		return -1;
	}
	return 0;
}

static int is_command_of_step(spank_t spank)
{
	unsigned int step = 0;

	return spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step != BATCH_STEP && step != INTERACTIVE_STEP;
}

/* The command's first word becomes our script, which finds the word in the environment and the others in its arguments. */
static int replace_first_word(spank_t spank, const char *image)
{
	char **argv = NULL, *script;
	int argc = 0;

	if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 || argv == NULL || argv[0] == NULL) {
		slurm_error("plurality: cannot find the command of the task");
		return -1;
	}
	script = strdup(PREFIX "/share/slurm/spank/run-task");
	if (script == NULL || spank_setenv(spank, "PLURALITY_SPANK_IMAGE", image, 1) != ESPANK_SUCCESS ||
	    spank_setenv(spank, "PLURALITY_SPANK_COMMAND", argv[0], 1) != ESPANK_SUCCESS) {
		slurm_error("plurality: cannot set the environment of the task");
		free(script);
		return -1;
	}
	/* The old word is Slurm's to free; this process becomes the task in a moment. */
	argv[0] = script;
	return 0;
}

int slurm_spank_task_init(spank_t spank, int ac, char *av[])
{
	char space[PATH_MAX], other[PATH_MAX];
	const char *image, *value;

	(void) ac;
	(void) av;
	if (!spank_remote(spank) || !is_command_of_step(spank))
		return 0;
	image = value_of(spank, IMAGE, space, sizeof(space));
	if (image == NULL)
		return 0;
	for (enum setting i = BIND; i < SETTINGS; i++) {
		value = value_of(spank, i, other, sizeof(other));
		if (value != NULL && spank_setenv(spank, known[i].variable, value, 1) != ESPANK_SUCCESS) {
			slurm_error("plurality: cannot set %s", known[i].variable);
			return -1;
		}
	}
	if (spank_prepend_task_argv != NULL) {
		const char *words[] = {PREFIX "/bin/plurality-exec", image, "--"};

		return spank_prepend_task_argv(spank, 3, words) == ESPANK_SUCCESS ? 0 : -1;
	}
	return replace_first_word(spank, image);
}
