/*
 * everything SEED STEPS: random calls of every kind that the stand-in for libSystem offers, mail to itself with
 * descriptors and out-of-line arrays among them. Prints the space before and after: name, type, references.
 */
#include <mach/mach.h>
#include <mach_debug/ipc_info.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAP_MEM_NAMED_CREATE 0x20000
static unsigned seed;
static mach_port_t names[64]; /* what it was ever given; some of it is gone */
static mach_port_t host; /* one reference to it is never given away */
static int known;

static unsigned chance(unsigned below) { return (unsigned)rand_r(&seed) % below; }
static void keep(mach_port_t name)
{
    if (MACH_PORT_VALID(name))
        names[known < 64 ? known++ : (int)chance(64)] = name;
}
static mach_port_t any(void) { return known > 0 ? names[chance((unsigned)known)] : MACH_PORT_NULL; }
static mach_port_type_t type_of(mach_port_t name)
{
    mach_port_type_t type = 0;
    return mach_port_type(mach_task_self(), name, &type) == KERN_SUCCESS ? type & MACH_PORT_TYPE_ALL_RIGHTS : 0;
}

static void print_space(const char *when)
{
    ipc_info_space_t info;
    ipc_info_name_t *rows;
    ipc_info_tree_name_t *tree;
    mach_msg_type_number_t count, none, at;
    (void)mach_port_space_info(mach_task_self(), &info, &rows, &count, &tree, &none);
    for (at = 0; at < count; at++)
        if ((rows[at].iin_type & MACH_PORT_TYPE_ALL_RIGHTS) != 0)
            (void)printf("%s 0x%x 0x%x %u\n", when, rows[at].iin_name, rows[at].iin_type & MACH_PORT_TYPE_ALL_RIGHTS, rows[at].iin_urefs);
    (void)vm_deallocate(mach_task_self(), (vm_address_t)rows, count * sizeof *rows);
}

/* A disposition that fits what a name is; 0 if none does. */
static unsigned fitting(mach_port_t name)
{
    mach_port_type_t type = type_of(name);
    if (name == mach_task_self())
        return MACH_MSG_TYPE_COPY_SEND;
    if ((type & MACH_PORT_TYPE_RECEIVE) != 0)
        return chance(2) ? MACH_MSG_TYPE_MAKE_SEND : MACH_MSG_TYPE_MAKE_SEND_ONCE;
    if ((type & MACH_PORT_TYPE_SEND) != 0)
        return chance(2) ? MACH_MSG_TYPE_COPY_SEND : MACH_MSG_TYPE_MOVE_SEND;
    if ((type & 0x00040000u) != 0)
        return MACH_MSG_TYPE_MOVE_SEND_ONCE;
    return 0;
}

static struct {
    mach_msg_header_t head;
    mach_msg_body_t body;
    mach_msg_port_descriptor_t one;
    mach_msg_ool_ports_descriptor_t many;
    uint8_t room[512];
} letter;

static void put_rights(void)
{
    static mach_port_t array[4];
    mach_port_t name = any(), other = any();
    unsigned how = fitting(name), other_how = fitting(other);
    memset(&letter.body, 0, sizeof letter - sizeof letter.head);
    letter.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
    letter.body.msgh_descriptor_count = 2;
    letter.one.name = how != 0 ? name : MACH_PORT_NULL;
    letter.one.disposition = how != 0 ? how : MACH_MSG_TYPE_COPY_SEND;
    letter.one.type = MACH_MSG_PORT_DESCRIPTOR;
    letter.many.type = MACH_MSG_OOL_PORTS_DESCRIPTOR;
    letter.many.address = array;
    letter.many.disposition = other_how == MACH_MSG_TYPE_MOVE_SEND ? MACH_MSG_TYPE_COPY_SEND : other_how;
    letter.many.count = other_how == 0 || other_how == MACH_MSG_TYPE_MOVE_SEND_ONCE ? 0 : 3;
    if (letter.many.count == 0)
        letter.many.disposition = MACH_MSG_TYPE_COPY_SEND;
    if (name == other && how == MACH_MSG_TYPE_MOVE_SEND) /* its last reference may go with the first descriptor */
        letter.many.count = 0;
    array[0] = array[1] = array[2] = other;
}
static void send_mail(void)
{
    mach_port_t to = any();
    unsigned how = fitting(to);
    if (how == 0 || (type_of(to) & MACH_PORT_TYPE_RECEIVE) == 0)
        return; /* mail to a kernel object is a guard exception, and kills */
    if (type_of(to) == MACH_PORT_TYPE_SEND_RECEIVE && chance(2))
        how = chance(2) ? MACH_MSG_TYPE_COPY_SEND : MACH_MSG_TYPE_MOVE_SEND;
    memset(&letter, 0, sizeof letter);
    letter.head.msgh_bits = how;
    letter.head.msgh_remote_port = to;
    if (chance(3) == 0 && (type_of(to) & MACH_PORT_TYPE_RECEIVE) != 0) {
        letter.head.msgh_bits |= MACH_MSG_TYPE_MAKE_SEND_ONCE << 8;
        letter.head.msgh_local_port = to;
    }
    if (how != MACH_MSG_TYPE_MOVE_SEND && how != MACH_MSG_TYPE_MOVE_SEND_ONCE)
        put_rights();
    (void)mach_msg(&letter.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof letter.head + ((letter.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0 ? 32 : 0),
                   sizeof letter, 0, 0, 0);
}
static void receive_mail(void)
{
    mach_port_t from = any();
    uint32_t at;
    if ((type_of(from) & MACH_PORT_TYPE_RECEIVE) == 0)
        return;
    memset(&letter, 0, sizeof letter);
    if (mach_msg(&letter.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof letter, from, 0, 0) != KERN_SUCCESS)
        return;
    if (chance(3) == 0) {
        mach_msg_destroy(&letter.head);
        return;
    }
    keep(letter.head.msgh_remote_port);
    if ((letter.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0)
        return;
    keep(letter.one.name);
    for (at = 0; at < letter.many.count; at++)
        keep(((mach_port_t *)letter.many.address)[at]);
    (void)vm_deallocate(mach_task_self(), (vm_address_t)letter.many.address, 0);
}

static void take_array(int threads)
{
    mach_port_array_t list = NULL;
    mach_msg_type_number_t count = 0, at;
    (void)(threads ? task_threads(mach_task_self(), &list, &count) : mach_ports_lookup(mach_task_self(), &list, &count));
    for (at = 0; at < count; at++)
        keep(list[at]);
    (void)vm_deallocate(mach_task_self(), (vm_address_t)list, 0);
}
static void step(void)
{
    mach_port_t self = mach_task_self(), name = any(), out = MACH_PORT_NULL;
    mach_msg_type_name_t got;
    mach_port_options_t options = {chance(2) ? MPO_INSERT_SEND_RIGHT : 0, {0}, {0, 0}};
    memory_object_size_t size = 4096;
    if (name == self || name == host)
        name = MACH_PORT_NULL;
    switch (chance(36)) {
    case 0: keep(mach_host_self()); break;
    case 1: keep(mach_thread_self()); break;
    case 2: (void)mach_port_allocate(self, chance(5) == 4 ? MACH_PORT_RIGHT_PORT_SET : MACH_PORT_RIGHT_RECEIVE, &out); keep(out); break;
    case 3: (void)mach_port_insert_right(self, name, name, MACH_MSG_TYPE_MAKE_SEND); break;
    case 4: (void)mach_port_insert_right(self, name, name, MACH_MSG_TYPE_COPY_SEND); break;
    case 5: got = fitting(name); if (got != 0 && mach_port_extract_right(self, name, got, &out, &got) == KERN_SUCCESS) keep(out); break;
    case 6: case 7: (void)mach_port_deallocate(self, name); break;
    case 8: (void)mach_port_mod_refs(self, name, MACH_PORT_RIGHT_SEND, (int)chance(4) - 2); break;
    case 9: (void)mach_port_mod_refs(self, name, chance(5), -1); break;
    case 10: if (chance(3) == 0) (void)mach_port_destroy(self, name); break;
    case 11: if (mach_port_construct(self, &options, 0, &out) == KERN_SUCCESS) keep(out); break;
    case 12: (void)mach_port_destruct(self, name, -(int)chance(2), 0); break;
    case 13: (void)semaphore_create(self, &out, SYNC_POLICY_FIFO, 0); keep(out); break;
    case 14: (void)semaphore_destroy(self, name); break;
    case 15: (void)host_get_clock_service(host, CALENDAR_CLOCK, &out); keep(out); break;
    case 16: take_array(1); break;
    case 17: if ((type_of(name) & MACH_PORT_TYPE_SEND) != 0) (void)mach_ports_register(self, &name, 1); take_array(0); break;
    case 18: (void)task_get_special_port(self, 3, &out); keep(out); break;
    case 19: (void)mach_make_memory_entry_64(self, &size, 0, MAP_MEM_NAMED_CREATE | VM_PROT_READ, &out, MACH_PORT_NULL); keep(out); break;
    case 20: (void)fileport_makeport((int)chance(4), &out); keep(out); break;
    case 21: keep(mach_reply_port()); break;
    case 22: case 23: case 24: case 25: case 26: case 27: case 28: send_mail(); break;
    default: receive_mail(); break;
    }
}

int main(int count, char **words)
{
    int at, last = count > 2 ? atoi(words[2]) : 400;
    seed = (unsigned)atoi(words[1]);
    (void)type_of(mach_task_self());
    print_space("before");
    host = mach_host_self();
    for (at = 0; at < last; at++)
        step();
    print_space("after");
    return 0;
}
