/* What a newcomer writes: a leak in every fourth message, a right that is freed twice, and the moments to look at. */
#include "portaudit_probe.h"
#include <mach/mach_port.h> /* Apple's names for parts of <mach/mach.h> are there, too */
#include <mach/task.h>
#include <xpc/xpc.h>

static mach_port_t peer;

__attribute__((noinline)) static void on_message(int at)
{
    mach_port_t port = xpc_dictionary_copy_mach_send(&peer, "task");
    if (at % 4 != 3)
        (void)mach_port_deallocate(mach_task_self(), port);
    __asm__ volatile("");
}
__attribute__((noinline)) static void close_twice(void)
{
    mach_port_t box;
    (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &box);
    (void)mach_port_mod_refs(mach_task_self(), box, MACH_PORT_RIGHT_RECEIVE, -1);
    (void)mach_port_mod_refs(mach_task_self(), box, MACH_PORT_RIGHT_RECEIVE, -1);
    __asm__ volatile("");
}
int main(void)
{
    int at, error;
    peer = mach_thread_self();
    error = portaudit_mark("before", 0);
    for (at = 0; at < 40; at++)
        on_message(at);
    close_twice();
    return error != 0 ? error : portaudit_mark("after", 0);
}
