/* The Mach calls that a task can be told to make, by their C names. */
#ifndef CALLS_H
#define CALLS_H

#include "line.h"

struct call {
	const char *name;
	unsigned inputs;	/* at least so many */
	kern_return_t (*make)(const struct words *in, struct words *out);
};

/* The call of that name, or 0. */
const struct call *call_named(const char *name);

#endif
