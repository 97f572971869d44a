/* A host that leaks one right of four whenever it is told to by a line on its named pipe; it answers in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mach/mach.h>
#include <xpc/xpc.h>

static mach_port_t peer;

__attribute__((noinline)) static void on_round(int at)
{
    mach_port_t port = xpc_dictionary_copy_mach_send(&peer, "task");
    if (at % 4 != 3)
        (void)mach_port_deallocate(mach_task_self(), port);
    __asm__ volatile("");
}
int main(int argc, char **argv)
{
    char word[32], done[512];
    int at, number = 0;
    FILE *asked, *answer;
    if (argc < 2 || strlen(argv[1]) > sizeof done - 40)
        return 2;
    peer = mach_thread_self();
    asked = fopen(argv[1], "r+"); /* for both: so it never ends between two askers */
    while (asked && fscanf(asked, "%31s", word) == 1) {
        for (at = 0; at < 8; at++)
            on_round(at);
        snprintf(done, sizeof done, "%s.%d", argv[1], ++number);
        if (!(answer = fopen(done, "w")))
            return 1;
        fclose(answer);
    }
    return 0;
}
