#include "calls.h"
#include "mach_user.h"
#include "mach_port_user.h"

#define MESSAGE 6	/* where a message begins, behind mach_msg's other inputs */

#define MAKE(function) static kern_return_t make_##function(const struct words *in, struct words *out)

/* Copies an array that the kernel lent behind the outputs so far, and gives it back. */
static kern_return_t keep(struct words *out, const uint32_t *array, uint32_t count)
{
	kern_return_t code = KERN_SUCCESS;

	if (count > WORDS - out->count)
		code = KERN_RESOURCE_SHORTAGE;
	else
		memcpy(out->word + out->count, array, count * sizeof *array);
	out->count += code == KERN_SUCCESS ? count : 0;
	if (count)
		vm_deallocate(task_self, (vm_address_t)array, count * sizeof *array);
	return code;
}

MAKE(mach_port_names)
{
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t name_count, type_count;
	kern_return_t names_kept, types_kept;
	kern_return_t code = mach_port_names(in->word[0], &names, &name_count, &types, &type_count);

	if (code != KERN_SUCCESS)
		return code;
	names_kept = keep(out, names, name_count);
	types_kept = keep(out, types, type_count);
	return names_kept == KERN_SUCCESS ? types_kept : names_kept;
}

MAKE(mach_port_type)
{
	out->count = 1;
	return mach_port_type(in->word[0], in->word[1], &out->word[0]);
}

MAKE(mach_port_get_refs)
{
	out->count = 1;
	return mach_port_get_refs(in->word[0], in->word[1], in->word[2], &out->word[0]);
}

MAKE(mach_port_allocate)
{
	out->count = 1;
	return mach_port_allocate(in->word[0], in->word[1], &out->word[0]);
}

MAKE(mach_port_allocate_name)
{
	(void)out;
	return mach_port_allocate_name(in->word[0], in->word[1], in->word[2]);
}

MAKE(mach_port_destroy)
{
	(void)out;
	return mach_port_destroy(in->word[0], in->word[1]);
}

MAKE(mach_port_deallocate)
{
	(void)out;
	return mach_port_deallocate(in->word[0], in->word[1]);
}

MAKE(mach_port_mod_refs)
{
	(void)out;
	return mach_port_mod_refs(in->word[0], in->word[1], in->word[2], (mach_port_delta_t)in->word[3]);
}

MAKE(mach_port_set_mscount)
{
	(void)out;
	return mach_port_set_mscount(in->word[0], in->word[1], in->word[2]);
}

MAKE(mach_port_get_set_status)
{
	mach_port_name_array_t members;
	mach_msg_type_number_t count;
	kern_return_t code = mach_port_get_set_status(in->word[0], in->word[1], &members, &count);

	return code == KERN_SUCCESS ? keep(out, members, count) : code;
}

MAKE(mach_port_move_member)
{
	(void)out;
	return mach_port_move_member(in->word[0], in->word[1], in->word[2]);
}

MAKE(mach_port_request_notification)
{
	out->count = 1;
	return mach_port_request_notification(in->word[0], in->word[1], (mach_msg_id_t)in->word[2],
					      in->word[3], in->word[4], in->word[5], &out->word[0]);
}

MAKE(mach_port_insert_right)
{
	(void)out;
	return mach_port_insert_right(in->word[0], in->word[1], in->word[2], in->word[3]);
}

MAKE(mach_port_extract_right)
{
	out->count = 2;
	return mach_port_extract_right(in->word[0], in->word[1], in->word[2], &out->word[0], &out->word[1]);
}

MAKE(mach_port_get_receive_status)
{
	mach_port_status_t status;
	kern_return_t code = mach_port_get_receive_status(in->word[0], in->word[1], &status);

	memcpy(out->word, &status, sizeof status);
	out->count = sizeof status / sizeof out->word[0];
	return code;
}

MAKE(task_terminate)
{
	(void)out;
	return task_terminate(in->word[0]);
}

MAKE(task_get_special_port)
{
	out->count = 1;
	return task_get_special_port(in->word[0], (int)in->word[1], &out->word[0]);
}

MAKE(mach_ports_register)
{
	(void)out;
	return mach_ports_register(in->word[0], (mach_port_array_t)&in->word[1], in->count - 1);
}

MAKE(mach_ports_lookup)
{
	mach_port_array_t ports;
	mach_msg_type_number_t count;
	kern_return_t code = mach_ports_lookup(in->word[0], &ports, &count);

	return code == KERN_SUCCESS ? keep(out, ports, count) : code;
}

#define MAKE_TRAP(trap)			\
MAKE(trap)				\
{					\
	(void)in;			\
	out->word[0] = trap();		\
	out->count = 1;			\
	return KERN_SUCCESS;		\
}

MAKE_TRAP(mach_task_self)
MAKE_TRAP(mach_thread_self)
MAKE_TRAP(mach_host_self)
MAKE_TRAP(mach_reply_port)
MAKE_TRAP(mig_get_reply_port)

/* A message that was received, or that came back because it could not be sent in time. */
static int came_back(mach_msg_option_t option, mach_msg_return_t code)
{
	return code == MACH_SEND_TIMED_OUT || (code == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG));
}

MAKE(mach_msg)
{
	const uint32_t *with = in->word;
	mach_msg_header_t *message = (mach_msg_header_t *)out->word;
	mach_msg_return_t code;

	memcpy(message, with + MESSAGE, with[1]);
	code = mach_msg_trap(message, (mach_msg_option_t)with[0], with[1], with[2], with[3], with[4], with[5]);
	if (came_back((mach_msg_option_t)with[0], code))
		out->count = (message->msgh_size + 3) / 4;
	return code;
}

#define CALL(function, inputs) { #function, inputs, make_##function }

static const struct call calls[] = {
	CALL(mach_port_names, 1),
	CALL(mach_port_type, 2),
	CALL(mach_port_get_refs, 3),
	CALL(mach_port_allocate, 2),
	CALL(mach_port_allocate_name, 3),
	CALL(mach_port_destroy, 2),
	CALL(mach_port_deallocate, 2),
	CALL(mach_port_mod_refs, 4),
	CALL(mach_port_set_mscount, 3),
	CALL(mach_port_get_set_status, 2),
	CALL(mach_port_move_member, 3),
	CALL(mach_port_request_notification, 6),
	CALL(mach_port_insert_right, 4),
	CALL(mach_port_extract_right, 3),
	CALL(mach_port_get_receive_status, 2),
	CALL(task_terminate, 1),
	CALL(task_get_special_port, 2),
	CALL(mach_ports_register, 1),
	CALL(mach_ports_lookup, 1),
	CALL(mach_task_self, 0),
	CALL(mach_thread_self, 0),
	CALL(mach_host_self, 0),
	CALL(mach_reply_port, 0),
	CALL(mig_get_reply_port, 0),
	CALL(mach_msg, MESSAGE),
};

const struct call *call_named(const char *name)
{
	for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (same_text(calls[i].name, name))
			return &calls[i];
	return 0;
}
