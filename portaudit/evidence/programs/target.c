/* target RECORD: has a few rights, writes a probe record of itself, says so, and waits until its input ends. */
#include "portaudit_probe.h"

#include <stdio.h>

int main(int count, char **words)
{
    mach_port_t port = MACH_PORT_NULL;
    char byte;
    int fd, error;
    if (count != 2)
        return 2;
    (void)mach_port_allocate(mach_task_self_, MACH_PORT_RIGHT_RECEIVE, &port);
    (void)mach_port_insert_right(mach_task_self_, port, port, MACH_MSG_TYPE_MAKE_SEND);
    fd = open(words[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
    error = fd < 0 ? errno : portaudit_probe_write(fd, "host");
    (void)printf("ready %d\n", error);
    (void)fflush(stdout);
    while (read(0, &byte, 1) > 0)
        continue;
    return error;
}
