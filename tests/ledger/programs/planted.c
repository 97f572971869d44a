/* planted SEED THREADS ROUNDS: twelve places that use the host port and give it back, each by helpers that all of them
 * share, in an order of chance; `leaks` forgets now and then. Prints how often it did. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <mach/mach.h>

#define OWN __attribute__((noinline)) static
#define BARRIER __asm__ volatile("" : : : "memory")
static int rounds;
static _Atomic int forgotten;

OWN mach_port_t get(void)
{
    mach_port_t host = mach_host_self();
    BARRIER;
    return host;
}
OWN void put(mach_port_t port)
{
    (void)mach_port_deallocate(mach_task_self(), port);
    BARRIER;
}
struct kept { /* ports that a place holds over several rounds */
    mach_port_t ports[8];
    int count;
};
#define PLACE(name)                                                                                          \
    OWN void name(struct kept *kept, unsigned *seed)                                                         \
    {                                                                                                        \
        if (kept->count < 8 && rand_r(seed) % 2)                                                             \
            kept->ports[kept->count++] = get();                                                              \
        else if (kept->count > 0)                                                                            \
            put(kept->ports[--kept->count]);                                                                 \
        BARRIER;                                                                                             \
    }                                                                                                        \
    OWN void name##_end(struct kept *kept)                                                                   \
    {                                                                                                        \
        while (kept->count > 0)                                                                              \
            put(kept->ports[--kept->count]);                                                                 \
        BARRIER;                                                                                             \
    }
PLACE(a) PLACE(b) PLACE(c) PLACE(d) PLACE(e) PLACE(f) PLACE(g) PLACE(h) PLACE(i) PLACE(j) PLACE(k)

OWN void leaks(unsigned *seed)
{
    mach_port_t host = get();
    if (rand_r(seed) % 50 == 0)
        forgotten++;
    else
        put(host);
    BARRIER;
}
static void (*const places[])(struct kept *, unsigned *) = {a, b, c, d, e, f, g, h, i, j, k};
static void (*const ends[])(struct kept *) = {a_end, b_end, c_end, d_end, e_end, f_end, g_end, h_end, i_end, j_end, k_end};
static void *work(void *first)
{
    unsigned seed = (unsigned)(uintptr_t)first;
    struct kept kept[11] = {0};
    int at, which;
    for (at = 0; at < rounds; at++) {
        which = rand_r(&seed) % 12;
        if (which == 11)
            leaks(&seed);
        else
            places[which](&kept[which], &seed);
    }
    for (which = 0; which < 11; which++)
        ends[which](&kept[which]);
    return NULL;
}
int main(int count, char **words)
{
    pthread_t thread[16];
    int threads = count > 2 ? atoi(words[2]) : 4, at;
    rounds = count > 3 ? atoi(words[3]) : 1000;
    for (at = 0; at < threads; at++)
        (void)pthread_create(&thread[at], NULL, work, (void *)(uintptr_t)(atoi(words[1]) * 100 + at));
    for (at = 0; at < threads; at++)
        (void)pthread_join(thread[at], NULL);
    (void)printf("%d\n", forgotten);
    return 0;
}
