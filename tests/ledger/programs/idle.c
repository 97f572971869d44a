/* idle: takes a semaphore and three references to the host port, says so, and waits to be killed. */
#include <mach/mach.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    semaphore_t semaphore;
    int at;
    (void)semaphore_create(mach_task_self(), &semaphore, SYNC_POLICY_FIFO, 0);
    for (at = 0; at < 3; at++)
        (void)mach_host_self();
    (void)printf("ready\n");
    (void)fflush(stdout);
    for (;;)
        (void)pause();
}
