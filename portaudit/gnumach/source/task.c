#include "task.h"
#include <mach/thread_status.h>
#include <mach/vm_inherit.h>
#include "mach_user.h"
#include "mach_port_user.h"

#define SPINS_BEFORE_LOOK 1000

struct task tasks[SLOTS];
struct mailbox mailbox;

/* Each task has a copy of its own. */
static char agent_stack[8192] __attribute__((aligned(16)));

kern_return_t task_prepare(void)
{
	return vm_inherit(task_self, (vm_address_t)&mailbox, sizeof mailbox, VM_INHERIT_SHARE);
}

/* Runs inside the task.  Only one agent is not suspended, so a question is always meant for it. */
static void agent(void)
{
	runtime_start();
	mailbox.out.word[0] = task_self;
	mailbox.out.count = 1;
	for (;;) {
		mailbox.answered = 1;
		while (mailbox.answered)
			swtch_pri(0);
		mailbox.out.count = 0;
		mailbox.code = mailbox.call->make(&mailbox.in, &mailbox.out);
	}
}

static kern_return_t point_at_agent(mach_port_t thread)
{
	struct i386_thread_state state;

	memset(&state, 0, sizeof state);	/* the kernel fills the segment registers */
	state.eip = (uintptr_t)agent;
	state.uesp = (uintptr_t)(agent_stack + sizeof agent_stack - 16);
	return thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&state, i386_THREAD_STATE_COUNT);
}

static int is_alive(const struct task *task)
{
	mach_port_type_t type;

	return mach_port_type(task_self, task->port, &type) == KERN_SUCCESS && (type & MACH_PORT_TYPE_SEND);
}

int task_make_call(struct task *task)
{
	mailbox.answered = 0;
	if (thread_resume(task->thread) != KERN_SUCCESS)
		return 0;
	for (unsigned spins = 1; !mailbox.answered; spins++) {
		swtch_pri(0);
		if (spins % SPINS_BEFORE_LOOK == 0 && !is_alive(task))
			return 0;
	}
	thread_suspend(task->thread);
	return 1;
}

kern_return_t task_start(struct task *task, mach_port_t parent)
{
	kern_return_t code = task_create(parent, TRUE, &task->port);

	if (code != KERN_SUCCESS)
		return code;
	code = thread_create(task->port, &task->thread);	/* suspended */
	if (code == KERN_SUCCESS)
		code = point_at_agent(task->thread);
	if (code == KERN_SUCCESS && !task_make_call(task))
		code = KERN_FAILURE;
	if (code != KERN_SUCCESS)
		task_end(task);
	return code;
}

kern_return_t task_end(struct task *task)
{
	kern_return_t code = task_terminate(task->port);

	mach_port_destroy(task_self, task->port);
	if (task->thread != MACH_PORT_NULL)
		mach_port_destroy(task_self, task->thread);
	task->port = task->thread = MACH_PORT_NULL;
	return code;
}
