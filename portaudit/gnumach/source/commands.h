/* What the controller itself can be told to do; each command's first number is a task's slot. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "task.h"

struct command {
	const char *name;
	unsigned inputs;	/* exactly, the slot included */
	kern_return_t (*run)(const struct words *in, struct words *out);
};

/* The command of that name, or 0. */
const struct command *command_named(const char *name);

#endif
