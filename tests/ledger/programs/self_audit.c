/* self_audit FILE: takes rights of several kinds, writes its own probe record, and calls `moment`. */
#include "portaudit_probe.h"
#include <stdio.h>

__attribute__((noinline)) void moment(void);
__attribute__((noinline)) void moment(void) { __asm__ volatile("" : : : "memory"); }

int main(int count, char **words)
{
    int fd = count > 1 ? open(words[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1, error;
    mach_port_t box, set, semaphore, clock;
    (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &box);
    (void)mach_port_insert_right(mach_task_self(), box, box, MACH_MSG_TYPE_MAKE_SEND);
    (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &set);
    (void)semaphore_create(mach_task_self(), &semaphore, SYNC_POLICY_FIFO, 0);
    (void)host_get_clock_service(mach_host_self(), CALENDAR_CLOCK, &clock);
    error = fd < 0 ? errno : portaudit_probe_write(fd, NULL);
    moment();
    return error;
}
