/* guard [BEHAVIOUR]: frees a right twice, with task_set_exc_guard_behavior before it if BEHAVIOUR is given. */
#include <mach/mach.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    mach_port_t port = MACH_PORT_NULL;
    if (count > 1) {
        unsigned behaviour = (unsigned)strtoul(words[1], NULL, 0);
        (void)printf("behaviour %d\n", task_set_exc_guard_behavior(mach_task_self_, behaviour));
    }
    (void)mach_port_allocate(mach_task_self_, MACH_PORT_RIGHT_RECEIVE, &port);
    (void)mach_port_mod_refs(mach_task_self_, port, MACH_PORT_RIGHT_RECEIVE, -1);
    (void)fflush(stdout);
    (void)printf("double free %d\n", mach_port_deallocate(mach_task_self_, port));
    return 0;
}
