/*
 * A task under audit, and the agent inside: its one thread, which makes calls on the controller's behalf
 * and so in that task's own port space.
 *
 * The task inherits the controller's memory, code included; the mailbox alone is shared.  So the agent
 * needs no port to be told what to do, and its space holds what a new process's space holds.
 */
#ifndef TASK_H
#define TASK_H

#include "calls.h"

#define SLOTS 256

struct task {
	mach_port_t port, thread;	/* names in the controller's space; 0: a free slot */
};

struct mailbox {
	volatile uint32_t answered;
	const struct call *call;
	kern_return_t code;
	struct words in, out;
} __attribute__((aligned(4096)));	/* shares no page with anything else */

extern struct task tasks[SLOTS];
extern struct mailbox mailbox;

/* Shares the mailbox with the tasks to come. */
kern_return_t task_prepare(void);

/* Makes a task below `parent`, whose registered ports it inherits; mailbox.out is its own port's name. */
kern_return_t task_start(struct task *task, mach_port_t parent);

/* Has the agent make mailbox.call.  Gives 0 if the task ended instead of answering. */
int task_make_call(struct task *task);

/* Ends the task and gives back the controller's rights to it. */
kern_return_t task_end(struct task *task);

#endif
