/*
 * leaky.c: takes a right out of each message that it gets, and forgets it where a message is refused; closes a
 * port twice. Neither mistake shows in a count of names, and the second one shows in no table at all.
 *
 * Says when it is to be looked at, by portaudit_mark: portaudit run --spawn --ledger -- ./leaky
 */
#include "portaudit_probe.h"
#include <xpc/xpc.h>

#define OWN_FRAME __attribute__((noinline)) static
#define NO_TAIL_CALL __asm__ volatile("")

OWN_FRAME int serve(xpc_object_t message, int number)
{
    mach_port_t task = xpc_dictionary_copy_mach_send(message, "task");
    if (number % 4 == 3)
        return EINVAL; /* the message is refused, and the right forgotten */
    return mach_port_deallocate(mach_task_self(), task);
}

OWN_FRAME void close_box(mach_port_t box)
{
    (void)mach_port_mod_refs(mach_task_self(), box, MACH_PORT_RIGHT_RECEIVE, -1);
    NO_TAIL_CALL;
}

OWN_FRAME void shut_down(mach_port_t box)
{
    close_box(box);
    NO_TAIL_CALL;
}

OWN_FRAME void work(void)
{
    mach_port_t box;
    int number;
    for (number = 0; number < 40; number++) {
        xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
        xpc_dictionary_set_mach_send(message, "task", mach_task_self());
        (void)serve(message, number);
        xpc_release(message);
    }
    (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &box);
    close_box(box);
    shut_down(box); /* which closes it once more */
    NO_TAIL_CALL;
}

int main(void)
{
    int error;
    work(); /* what comes once and stays is there before it is looked at */
    error = portaudit_mark("before", 0);
    work();
    return error != 0 ? error : portaudit_mark("after", 0);
}
