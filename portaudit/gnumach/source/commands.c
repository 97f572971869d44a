#include "commands.h"
#include "mach_user.h"
#include "mach_port_user.h"

/* start PARENT: a new task below it, or below the controller (0).  Gives its slot and its own port's name. */
static kern_return_t start(const struct words *in, struct words *out)
{
	mach_port_t parent = in->word[0] ? tasks[in->word[0]].port : task_self;
	kern_return_t code;
	unsigned slot = 1;

	while (slot < SLOTS && tasks[slot].port != MACH_PORT_NULL)
		slot++;
	if (slot == SLOTS)
		return KERN_RESOURCE_SHORTAGE;
	code = task_start(&tasks[slot], parent);
	out->word[1] = mailbox.out.word[0];
	out->word[0] = slot;
	out->count = 2;
	return code;
}

/* end SLOT: the task terminates, and its slot is free. */
static kern_return_t end(const struct words *in, struct words *out)
{
	(void)out;
	return task_end(&tasks[in->word[0]]);
}

/* Adds a name's references, one number for each right that its type says. */
static kern_return_t add_references(mach_port_t task, mach_port_name_t name, mach_port_type_t type,
				    struct words *out)
{
	kern_return_t code = KERN_SUCCESS;

	for (mach_port_right_t right = 0; right < MACH_PORT_RIGHT_NUMBER && code == KERN_SUCCESS; right++)
		if (type & MACH_PORT_TYPE(right))
			code = mach_port_get_refs(task, name, right, &out->word[out->count++]);
	return code;
}

/* space SLOT: each name with its type and the references of each of its rights, in one answer. */
static kern_return_t space(const struct words *in, struct words *out)
{
	mach_port_t task = tasks[in->word[0]].port;
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t count, type_count;
	kern_return_t code = mach_port_names(task, &names, &count, &types, &type_count);

	if (code != KERN_SUCCESS)
		return code;
	for (unsigned i = 0; i < count && code == KERN_SUCCESS; i++) {
		if (out->count + 2 + MACH_PORT_RIGHT_NUMBER > WORDS) {
			code = KERN_RESOURCE_SHORTAGE;
			break;
		}
		out->word[out->count++] = names[i];
		out->word[out->count++] = types[i];
		code = add_references(task, names[i], types[i], out);
	}
	vm_deallocate(task_self, (vm_address_t)names, count * sizeof *names);
	vm_deallocate(task_self, (vm_address_t)types, type_count * sizeof *types);
	return code;
}

/* behind SLOT NAME: the slot of the task whose port that name is. */
static kern_return_t behind(const struct words *in, struct words *out)
{
	mach_port_t port;
	mach_msg_type_name_t disposition;
	kern_return_t code = mach_port_extract_right(tasks[in->word[0]].port, in->word[1],
						     MACH_MSG_TYPE_COPY_SEND, &port, &disposition);

	if (code != KERN_SUCCESS)
		return code;
	/* Send rights to one port share one name in a space, so the names tell the ports apart */
	for (unsigned slot = 1; slot < SLOTS && out->count == 0; slot++)
		if (tasks[slot].port == port)
			out->word[out->count++] = slot;
	mach_port_deallocate(task_self, port);
	return out->count ? KERN_SUCCESS : KERN_FAILURE;
}

struct gift {
	mach_msg_header_t head;
	mach_msg_type_t type;
	mach_port_t port;
};

static kern_return_t send_gift(mach_port_t once, mach_port_t port)
{
	struct gift gift = {
		.head = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
			.msgh_size = sizeof gift,
			.msgh_remote_port = once,
		},
		.type = {
			.msgt_name = MACH_MSG_TYPE_COPY_SEND, .msgt_size = 32, .msgt_number = 1, .msgt_inline = TRUE,
		},
		.port = port,
	};

	return mach_msg_trap(&gift.head, MACH_SEND_MSG, sizeof gift, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

/* Has the task make the call that stands in the mailbox; gives its code. */
static kern_return_t make(struct task *task, const char *name)
{
	mailbox.call = call_named(name);
	return task_make_call(task) ? mailbox.code : KERN_TERMINATED;
}

static kern_return_t receive(struct task *task, mach_port_t port)
{
	const uint32_t inputs[] = { MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(struct gift), port, 0, 0 };

	memcpy(mailbox.in.word, inputs, sizeof inputs);
	return make(task, "mach_msg");
}

/*
 * give SLOT OTHER: a send right to the other task's port, under the name that it then has there.  It goes
 * in a message, to the reply port that the task has anyway: so the kernel chooses the name, as it does when
 * XNU's task_for_pid copies a right out.
 */
static kern_return_t give(const struct words *in, struct words *out)
{
	struct task *task = &tasks[in->word[0]], *other = &tasks[in->word[1]];
	mach_port_t reply_port, once;
	mach_msg_type_name_t disposition;
	kern_return_t code = make(task, "mig_get_reply_port");

	if (code != KERN_SUCCESS)
		return code;
	reply_port = mailbox.out.word[0];
	code = mach_port_extract_right(task->port, reply_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &disposition);
	if (code == KERN_SUCCESS)
		code = send_gift(once, other->port);
	if (code != KERN_SUCCESS)
		return code;
	code = receive(task, reply_port);
	out->word[out->count++] = ((struct gift *)mailbox.out.word)->port;
	return code;
}

static const struct command commands[] = {
	{ "start", 1, start },
	{ "end", 1, end },
	{ "space", 1, space },
	{ "behind", 2, behind },
	{ "give", 2, give },
};

const struct command *command_named(const char *name)
{
	for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (same_text(commands[i].name, name))
			return &commands[i];
	return 0;
}
