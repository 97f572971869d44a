/* leaky ROUNDS [THREADS]: leaks and double frees of known number, each from a function of its own. `moment` is called
 * before and after. With a second name in the third place it sends itself mail as well. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mach/mach.h>
#include <xpc/xpc.h>

#define OWN __attribute__((noinline)) static
#define BARRIER __asm__ volatile("" : : : "memory") /* no tail calls: each function stays on the stack */

static mach_port_t task_port;

OWN void good_host(void)
{
    mach_port_t host = mach_host_self();
    (void)mach_port_deallocate(mach_task_self(), host);
    BARRIER;
}
OWN void bad_host(void)
{
    volatile mach_port_t host = mach_host_self();
    (void)host;
}
__attribute__((noinline)) mach_port_t tail_host(void);
__attribute__((noinline)) mach_port_t tail_host(void) { return mach_host_self(); } /* a tail call with -O2 */
OWN void on_message(int at)
{
    mach_port_t port = xpc_dictionary_copy_mach_send(&task_port, "task");
    if (at % 4 != 3)
        (void)mach_port_deallocate(mach_task_self(), port);
    BARRIER;
}
OWN void attach_to(int pid)
{
    mach_port_t task = MACH_PORT_NULL;
    (void)task_for_pid(mach_task_self(), pid, &task);
    if (pid != 42 && task != MACH_PORT_NULL)
        (void)mach_port_deallocate(mach_task_self(), task);
    BARRIER;
}
OWN void recurse(int deep)
{
    mach_port_t self = mach_thread_self();
    if (deep > 0)
        recurse(deep - 1);
    (void)mach_port_deallocate(mach_task_self(), self);
    BARRIER;
}
OWN void release_twice(mach_port_t port)
{
    (void)mach_port_deallocate(mach_task_self(), port);
    BARRIER;
}
OWN void double_free(void)
{
    mach_port_t port;
    (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
    (void)mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
    release_twice(port);
    BARRIER;
}
OWN void *work(void *rounds)
{
    int at, last = (int)(intptr_t)rounds;
    for (at = 0; at < last; at++) {
        good_host();
        on_message(at);
        attach_to(40 + at % 4);
        if (at % 10 == 0) {
            bad_host();
            (void)mach_port_deallocate(mach_task_self(), tail_host());
            recurse(3);
        }
    }
    return NULL;
}
__attribute__((noinline)) void moment(int which);
__attribute__((noinline)) void moment(int which) { __asm__ volatile("" : : "r"(which) : "memory"); }

int main(int count, char **words)
{
    int threads = count > 2 ? atoi(words[2]) : 1, at;
    pthread_t thread[16];
    void *rounds = (void *)(intptr_t)(count > 1 ? atoi(words[1]) : 40);
    task_port = mach_thread_self();
    (void)mach_host_self();
    moment(0);
    for (at = 1; at < threads; at++)
        (void)pthread_create(&thread[at], NULL, work, rounds);
    (void)work(rounds);
    for (at = 1; at < threads; at++)
        (void)pthread_join(thread[at], NULL);
    double_free();
    moment(1);
    (void)printf("done\n");
    return 0;
}
