#include "runtime.h"

mach_port_t task_self;

static mach_port_t reply_port;

void runtime_start(void)
{
	task_self = mach_task_self();
	reply_port = mach_reply_port();
}

void *memcpy(void *to, const void *from, size_t size)
{
	char *into = to;
	const char *out_of = from;

	while (size--)
		*into++ = *out_of++;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *into = to;

	while (size--)
		*into++ = (char)byte;
	return to;
}

int same_text(const char *one, const char *other)
{
	while (*one && *one == *other)
		one++, other++;
	return *one == *other;
}

/* Receives nothing, for so long: tells whether there is a receive right to receive from. */
static mach_msg_return_t listen(mach_msg_timeout_t milliseconds)
{
	mach_msg_header_t nothing;

	return mach_msg_trap(&nothing, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 0, reply_port,
			     milliseconds, MACH_PORT_NULL);
}

void nap(mach_msg_timeout_t milliseconds)
{
	listen(milliseconds);
}

mach_port_t mig_get_reply_port(void)
{
	if (reply_port == MACH_PORT_NULL)
		reply_port = mach_reply_port();
	return reply_port;
}

void mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

/*
 * MIG's stubs call this after every failure, a wrong destination included.  The task whose space is
 * under audit must keep its names then: only a reply port that has gone is replaced.
 */
void mig_dealloc_reply_port(mach_port_t port)
{
	if (port == reply_port && listen(0) == MACH_RCV_INVALID_NAME)
		reply_port = MACH_PORT_NULL;
}

mach_msg_return_t mach_msg(mach_msg_header_t *message, mach_msg_option_t option,
			   mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_t rcv_name,
			   mach_msg_timeout_t timeout, mach_port_t notify)
{
	return mach_msg_trap(message, option, send_size, rcv_size, rcv_name, timeout, notify);
}
