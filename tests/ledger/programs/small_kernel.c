/*
 * A kernel in one table under one lock, fast enough to measure what recording costs: names with generations, freed
 * slots reused last in, first out. It offers the functions of the stand-in for libSystem that the programs beside it call.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <mach/mach.h>
#include <xpc/xpc.h>

mach_port_t mach_task_self_ = 0x203;
int kills = 0; /* a release of a name that is gone kills the process, as a fatal EXC_GUARD does */
int jumps = 0; /* task_for_pid does not come back, but to where jump_back points */
void (*jump_back)(void);
uint32_t rows(uint32_t (*found)[2], uint32_t most);

#define SLOTS 65536
static struct { uint32_t name, object, urefs; } table[SLOTS];
static uint32_t used = 4, freed[SLOTS], freed_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A kernel's own lock is not copied by fork: taken by another thread, nobody in the child would ever give it back. */
static void take(void) { (void)pthread_mutex_lock(&lock); }
static void give(void) { (void)pthread_mutex_unlock(&lock); }
__attribute__((constructor)) static void first(void) { (void)pthread_atfork(take, give, give); }

static uint32_t claim(uint32_t object)
{
    uint32_t slot = freed_count > 0 ? freed[--freed_count] : used++;
    uint32_t generation = ((table[slot].name & 0xff) + 4) & 0xff;
    if (slot >= SLOTS)
        abort();
    table[slot].name = slot << 8 | (generation < 3 ? 3 : generation | 3);
    table[slot].object = object != 0 ? object : 0x100000 + slot;
    table[slot].urefs = 1;
    return table[slot].name;
}
static mach_port_t send_right(uint32_t object)
{
    uint32_t slot, name = 0;
    (void)pthread_mutex_lock(&lock);
    for (slot = 1; slot < used && slot < 64 && name == 0; slot++)
        if (table[slot].urefs != 0 && table[slot].object == object) {
            table[slot].urefs++;
            name = table[slot].name;
        }
    if (name == 0)
        name = claim(object);
    (void)pthread_mutex_unlock(&lock);
    return name;
}
static kern_return_t change(mach_port_name_t name, int64_t delta)
{
    uint32_t slot = name >> 8;
    kern_return_t code = KERN_SUCCESS;
    (void)pthread_mutex_lock(&lock);
    if (slot == 0 || slot >= used || table[slot].urefs == 0 || table[slot].name != name)
        code = KERN_INVALID_NAME;
    else if (table[slot].urefs + delta < 0)
        code = KERN_INVALID_VALUE;
    else if ((table[slot].urefs = (uint32_t)(table[slot].urefs + delta)) == 0)
        freed[freed_count++] = slot;
    (void)pthread_mutex_unlock(&lock);
    if (code == KERN_INVALID_NAME && kills)
        (void)raise(SIGKILL);
    return code;
}

mach_port_t mach_host_self(void) { return send_right(0x105); }
mach_port_t mach_thread_self(void) { return send_right(0x111); }
kern_return_t task_for_pid(mach_port_name_t task, int pid, mach_port_name_t *t)
{
    (void)task;
    if (jumps)
        jump_back();
    *t = send_right(0x70000 + (uint32_t)pid);
    return KERN_SUCCESS;
}
kern_return_t task_threads(task_inspect_t task, thread_act_array_t *list, mach_msg_type_number_t *count)
{
    (void)task;
    *list = malloc(2 * sizeof **list);
    (*list)[0] = send_right(0x111);
    (*list)[1] = send_right(0x112);
    *count = 2;
    return KERN_SUCCESS;
}
kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name)
{
    (void)task, (void)right;
    (void)pthread_mutex_lock(&lock);
    *name = claim(0);
    (void)pthread_mutex_unlock(&lock);
    return KERN_SUCCESS;
}
kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta)
{
    (void)task, (void)right;
    return change(name, delta);
}
kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
    (void)task;
    return change(name, -1);
}
kern_return_t vm_deallocate(vm_map_t task, vm_address_t address, vm_size_t size)
{
    (void)task, (void)size;
    free((void *)address);
    return KERN_SUCCESS;
}
mach_port_t xpc_dictionary_copy_mach_send(xpc_object_t xdict, const char *key)
{
    mach_port_t port = *(mach_port_t *)xdict;
    (void)key;
    return mach_port_mod_refs(mach_task_self_, port, MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS ? port : MACH_PORT_NULL;
}

/* What the kernel counts now: name and references of every row that is there. */
uint32_t rows(uint32_t (*found)[2], uint32_t most)
{
    uint32_t slot, count = 0;
    for (slot = 1; slot < used && count < most; slot++)
        if (table[slot].urefs != 0) {
            found[count][0] = table[slot].name;
            found[count++][1] = table[slot].urefs;
        }
    return count;
}
