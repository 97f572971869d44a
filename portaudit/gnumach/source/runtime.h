/* The little that a freestanding Mach task needs: traps, memory, one reply port. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stddef.h>
#include <stdint.h>
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/mig_support.h>

/* Traps: start.S.  The first three add a reference to the name that they return. */
mach_port_t mach_task_self(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);
mach_port_t mach_reply_port(void);
boolean_t swtch_pri(int priority);

/* The name of this task's own port, asked for once: the trap adds a reference each time. */
extern mach_port_t task_self;

/* Asks for task_self and a reply port, as the C library of a new process does. */
void runtime_start(void);

void *memset(void *to, int byte, size_t size);
int same_text(const char *one, const char *other);

/* Gives the processor up for so many milliseconds. */
void nap(mach_msg_timeout_t milliseconds);

#endif
