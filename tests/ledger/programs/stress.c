/* stress THREADS ROUNDS [WHAT]: rights come and go on many threads; prints what the kernel counts at the end.
 * WHAT: fork (while the threads run), cancel (one more thread, which is cancelled), handle (one more thread, with a
 * handler of SIGUSR1 on a higher stack), crash (a release that kills), jump (longjmp out of a recorded call), signal (a
 * handler within one; errno is kept: 3 if not), close (all
 * descriptors, first), spin (for ever), bench (nanoseconds a call, on standard error), deep N (the same, N frames deep),
 * dlopen LIBRARY... (loads each and calls its `take`). */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <mach/mach.h>
#include <xpc/xpc.h>

uint32_t rows(uint32_t (*found)[2], uint32_t most);
extern int kills, jumps;
extern void (*jump_back)(void);
enum { HANDLER_STACK = 1 << 16 };
static int rounds;
static mach_port_t held;
static jmp_buf back;

static void take_threads(void)
{
    thread_act_array_t list;
    mach_msg_type_number_t count, at;
    (void)task_threads(mach_task_self(), &list, &count);
    for (at = 0; at < count; at++)
        (void)mach_port_deallocate(mach_task_self(), list[at]);
    (void)vm_deallocate(mach_task_self(), (vm_address_t)list, count * sizeof *list);
}
static void *work(void *first_seed)
{
    unsigned seed = (unsigned)(uintptr_t)first_seed;
    mach_port_t mine[64] = {0};
    int at;
    for (at = 0; at < rounds; at++) {
        int slot = rand_r(&seed) % 64, kind = rand_r(&seed) % 8;
        if (mine[slot] != 0) {
            if (kind & 1)
                (void)mach_port_deallocate(mach_task_self(), mine[slot]);
            else
                (void)mach_port_mod_refs(mach_task_self(), mine[slot], MACH_PORT_RIGHT_SEND, -1);
            mine[slot] = 0;
        } else if (kind < 2)
            mine[slot] = mach_host_self();
        else if (kind < 3)
            (void)task_for_pid(mach_task_self(), rand_r(&seed) % 5, &mine[slot]);
        else if (kind < 4)
            mine[slot] = xpc_dictionary_copy_mach_send(&held, "task");
        else if (kind < 5)
            take_threads();
        else
            (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mine[slot]);
    }
    return NULL;
}

static double now(void)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &moment); /* others may run on this machine */
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}
__attribute__((noinline)) static int bench(int deep)
{
    volatile int below = 0;
    if (deep > 0)
        below = bench(deep - 1);
    else {
        mach_port_t host = mach_host_self();
        double began = now();
        int at;
        for (at = 0; at < 500000; at++) {
            (void)mach_port_mod_refs(mach_task_self(), host, MACH_PORT_RIGHT_SEND, 1);
            (void)mach_port_mod_refs(mach_task_self(), host, MACH_PORT_RIGHT_SEND, -1);
        }
        (void)fprintf(stderr, "%.1f\n", (now() - began) / 1e6 * 1e9);
        (void)mach_port_deallocate(mach_task_self(), host);
    }
    return below + 1;
}
static void come_back(void) { longjmp(back, 1); }
static void jump_out(void)
{
    mach_port_t task;
    jumps = 1;
    jump_back = come_back;
    if (setjmp(back) == 0)
        (void)task_for_pid(mach_task_self(), 1, &task);
    jumps = 0;
}
static void on_signal(int number) { (void)number; (void)mach_host_self(); }
static void interrupted(void) { (void)raise(SIGUSR1); }
static int interrupt(void)
{
    mach_port_t task;
    int kept;
    jumps = 1;
    jump_back = interrupted; /* the kernel's side of the call: the handler runs while the call is recorded */
    (void)signal(SIGUSR1, on_signal);
    errno = 77;
    (void)task_for_pid(mach_task_self(), 1, &task);
    (void)mach_port_deallocate(mach_task_self(), 0x7fff03);
    (void)mach_thread_self();
    kept = errno == 77;
    jumps = 0;
    return kept;
}
static void *work_cancelled(void *seed)
{
    (void)pthread_cancel(pthread_self());
    (void)work(seed);
    return NULL;
}
static void *work_handling(void *higher_stack)
{
    stack_t stack = {.ss_sp = higher_stack, .ss_size = HANDLER_STACK};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    (void)sigaltstack(&stack, NULL);
    (void)sigaction(SIGUSR1, &action, NULL);
    return work((void *)1);
}
static void run_one(void *(*what)(void *), void *with)
{
    pthread_t one;
    (void)pthread_create(&one, NULL, what, with);
    (void)pthread_join(one, NULL);
}
static void call_library(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    void (*take)(void) = NULL;
    if (library == NULL) {
        (void)fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    *(void **)&take = dlsym(library, "take");
    take();
    (void)dlclose(library);
}

int main(int count, char **words)
{
    static uint32_t found[65536][2];
    const char *what = count > 3 ? words[3] : "";
    int threads = atoi(words[1]), at;
    uint32_t live, row;
    pthread_t thread[64];
    rounds = atoi(words[2]);
    if (strcmp(what, "close") == 0)
        for (at = 3; at < 256; at++)
            (void)close(at);
    if (strcmp(what, "spin") == 0)
        rounds = 2000000000;
    if (strcmp(what, "full") == 0)
        (void)signal(SIGXFSZ, SIG_IGN);
    held = mach_thread_self();
    if (strcmp(what, "cancel") == 0)
        run_one(work_cancelled, (void *)1);
    if (strcmp(what, "handle") == 0) {
        char higher_stack[HANDLER_STACK]; /* the main thread's stack lies above all others */
        run_one(work_handling, higher_stack);
    }
    for (at = 0; at < threads; at++)
        (void)pthread_create(&thread[at], NULL, work, (void *)(uintptr_t)(at + 1));
    if (strcmp(what, "fork") == 0) {
        pid_t child = fork();
        if (child == 0) {
            for (at = 0; at < 100; at++)
                (void)mach_host_self();
            exit(0);
        }
        (void)waitpid(child, NULL, 0);
    }
    for (at = 0; at < threads; at++)
        (void)pthread_join(thread[at], NULL);
    if (strcmp(what, "bench") == 0 || strcmp(what, "deep") == 0)
        (void)bench(count > 4 ? atoi(words[4]) : 0);
    if (strcmp(what, "jump") == 0)
        jump_out();
    if (strcmp(what, "signal") == 0 && !interrupt())
        return 3;
    for (at = 4; strcmp(what, "dlopen") == 0 && at < count; at++)
        call_library(words[at]);
    if (strcmp(what, "exec") == 0)
        (void)execv(words[0], (char *[]){words[0], words[1], words[2], NULL});
    live = rows(found, 65536);
    for (row = 0; row < live; row++)
        (void)printf("0x%x %u\n", found[row][0], found[row][1]);
    (void)fflush(stdout);
    if (strcmp(what, "crash") == 0) {
        kills = 1;
        (void)mach_port_deallocate(mach_task_self(), 0x7fff03);
    }
    return 0;
}
