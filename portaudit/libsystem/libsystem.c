/*
 * libsystem: libSystem's Mach calls for C programs on a machine without Mach. Each call is asked of a stand-in kernel
 * that portaudit serves on the socket that PORTAUDIT_KERNEL names (simulated:SOCKET), as portaudit/mach/wire.py spells
 * it: a length in four bytes, then one MessagePack value. The functions are exported as libSystem exports its own, so
 * whatever watches calls (a debugger, a preloaded library) finds them under their names.
 *
 * Every thread has a connection of its own; together they are one task. Out-of-line arrays stand behind a message on
 * the wire and at an address in the program: a real address would mean nothing on the other side.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <unistd.h>

#include <mach/mach.h>
#include <mach_debug/ipc_info.h>
#include <xpc/xpc.h>

mach_port_t mach_task_self_ = MACH_PORT_NULL;

static void fail(const char *what)
{
    (void)fprintf(stderr, "libsystem: %s\n", what);
    abort();
}

/* ---- MessagePack, as much of it as calls need ---- */

struct bytes {
    uint8_t *data;
    size_t size, room, read;
};

static void put(struct bytes *out, const void *data, size_t size)
{
    if (out->size + size > out->room) {
        out->room = (out->size + size) * 2 + 64;
        out->data = realloc(out->data, out->room);
        if (out->data == NULL)
            fail("out of memory");
    }
    memcpy(out->data + out->size, data, size);
    out->size += size;
}
static void put_big(struct bytes *out, uint8_t kind, uint64_t number, int size)
{
    uint8_t packed[9] = {kind};
    int at;
    for (at = 0; at < size; at++)
        packed[1 + at] = (uint8_t)(number >> 8 * (size - 1 - at));
    put(out, packed, (size_t)size + 1);
}
static void put_number(struct bytes *out, int64_t number) { put_big(out, 0xd3, (uint64_t)number, 8); }
static void put_unsigned(struct bytes *out, uint64_t number) { put_big(out, 0xcf, number, 8); }
static void put_nil(struct bytes *out) { put(out, "\xc0", 1); }
static void put_array(struct bytes *out, size_t count) { put_big(out, 0xdd, count, 4); }
static void put_text(struct bytes *out, const char *text)
{
    put_big(out, 0xdb, strlen(text), 4);
    put(out, text, strlen(text));
}
static void put_binary(struct bytes *out, const void *data, size_t size)
{
    put_big(out, 0xc6, size, 4);
    put(out, data, size);
}

struct value {
    enum { NIL, NUMBER, DATA, LIST } kind;
    int64_t number;
    const uint8_t *data;
    size_t size;
};

static uint64_t take_big(struct bytes *in, int size)
{
    uint64_t number = 0;
    while (size-- > 0) {
        if (in->read >= in->size)
            fail("the kernel's answer is cut off");
        number = number << 8 | in->data[in->read++];
    }
    return number;
}
static struct value take_data(struct bytes *in, size_t size)
{
    struct value found = {DATA, 0, in->data + in->read, size};
    if (size > in->size - in->read)
        fail("the kernel's answer is cut off");
    in->read += size;
    return found;
}
static struct value take(struct bytes *in)
{
    uint8_t kind = (uint8_t)take_big(in, 1);
    struct value found = {NUMBER, 0, NULL, 0};
    if (kind < 0x80)
        found.number = kind;
    else if (kind >= 0xe0)
        found.number = (int8_t)kind;
    else if (kind >= 0xa0 && kind < 0xc0)
        return take_data(in, kind & 0x1f);
    else if (kind >= 0x90 && kind < 0xa0)
        return (struct value){LIST, 0, NULL, kind & 0xf};
    else
        switch (kind) {
        case 0xc0: case 0xc2: case 0xc3: return (struct value){NIL, kind == 0xc3, NULL, 0};
        case 0xc4: case 0xd9: return take_data(in, (size_t)take_big(in, 1));
        case 0xc5: case 0xda: return take_data(in, (size_t)take_big(in, 2));
        case 0xc6: case 0xdb: return take_data(in, (size_t)take_big(in, 4));
        case 0xcc: found.number = (int64_t)take_big(in, 1); break;
        case 0xcd: found.number = (int64_t)take_big(in, 2); break;
        case 0xce: found.number = (int64_t)take_big(in, 4); break;
        case 0xcf: case 0xd3: found.number = (int64_t)take_big(in, 8); break;
        case 0xd0: found.number = (int8_t)take_big(in, 1); break;
        case 0xd1: found.number = (int16_t)take_big(in, 2); break;
        case 0xd2: found.number = (int32_t)take_big(in, 4); break;
        case 0xdc: return (struct value){LIST, 0, NULL, (size_t)take_big(in, 2)};
        case 0xdd: return (struct value){LIST, 0, NULL, (size_t)take_big(in, 4)};
        default: fail("the kernel said what no kernel says");
        }
    return found;
}

/* ---- the connection ---- */

struct line { /* one thread's */
    int fd;
    pid_t pid;
    struct bytes out, in;
};
static __thread struct line line = {-1, 0, {NULL, 0, 0, 0}, {NULL, 0, 0, 0}};
static pthread_key_t at_exit_of_thread;

static void hang_up(void *data)
{
    (void)data;
    if (line.fd >= 0 && line.pid == getpid())
        (void)close(line.fd);
    free(line.out.data);
    free(line.in.data);
    memset(&line, 0, sizeof line);
    line.fd = -1;
}

static void send_frame(void)
{
    uint32_t length = (uint32_t)line.out.size;
    size_t done = 0;
    if (send(line.fd, &length, 4, MSG_NOSIGNAL) != 4)
        fail("the stand-in kernel has gone");
    while (done < line.out.size) {
        ssize_t sent = send(line.fd, line.out.data + done, line.out.size - done, MSG_NOSIGNAL);
        if (sent <= 0 && errno != EINTR)
            fail("the stand-in kernel has gone");
        done += sent > 0 ? (size_t)sent : 0;
    }
}
static void receive_exactly(void *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = recv(line.fd, (uint8_t *)data + done, size - done, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            fail("the stand-in kernel has hung up");
        done += got > 0 ? (size_t)got : 0;
    }
}
static void receive_frame(void)
{
    uint32_t length;
    receive_exactly(&length, 4);
    if (length > line.in.room) {
        line.in.data = realloc(line.in.data, length);
        line.in.room = length;
        if (line.in.data == NULL)
            fail("out of memory");
    }
    receive_exactly(line.in.data, length);
    line.in.size = length;
    line.in.read = 0;
}
static void connect_line(void)
{
    const char *kernel = getenv("PORTAUDIT_KERNEL"), *path = kernel != NULL ? strchr(kernel, ':') : NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path + 1) >= sizeof address.sun_path) {
        (void)fprintf(stderr, "libsystem: PORTAUDIT_KERNEL names no kernel; start one with `portaudit demo --hold`, or run"
                              " this program by `portaudit run --kernel simulated --spawn -- ...`\n");
        _exit(3);
    }
    (void)strcpy(address.sun_path, path + 1);
    line.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    line.pid = getpid();
    if (line.fd < 0 || connect(line.fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)fprintf(stderr, "libsystem: no kernel answers at %s: %s\n", path + 1, strerror(errno));
        _exit(3);
    }
    line.out.size = 0;
    put_array(&line.out, 3);
    put_number(&line.out, getpid());
    put_number(&line.out, getppid());
    put(&line.out, "\xc2", 1); /* false: no platform binary */
    send_frame();
    receive_frame();
    (void)take(&line.in);
    (void)take(&line.in);
    (void)take(&line.in);
    mach_task_self_ = (mach_port_t)take(&line.in).number;
    (void)pthread_setspecific(at_exit_of_thread, &line);
}
static struct bytes *begin(const char *function, size_t inputs)
{
    if (line.fd < 0 || line.pid != getpid()) /* a forked child is a task of its own */
        connect_line();
    line.out.size = 0;
    put_array(&line.out, 2);
    put_text(&line.out, function);
    put_array(&line.out, inputs);
    return &line.out;
}
/* Sends the call and reads the code; the outputs, as many as `count` says, stand in the answer behind it. */
static kern_return_t ask(size_t *count)
{
    struct bytes rest;
    size_t at;
    int64_t code;
    send_frame();
    receive_frame();
    (void)take(&line.in);
    code = take(&line.in).number;
    *count = take(&line.in).size;
    rest = line.in;
    for (at = 0; at < *count; at++) {
        struct value output = take(&rest);
        size_t each;
        for (each = 0; output.kind == LIST && each < output.size; each++)
            (void)take(&rest);
    }
    if (rest.read < rest.size) {
        struct value refused = take(&rest), killed = rest.read < rest.size ? take(&rest) : (struct value){NIL, 0, NULL, 0};
        if (killed.kind == DATA) {
            (void)fprintf(stderr, "killed by the kernel: EXC_GUARD %.*s\n", (int)killed.size, (const char *)killed.data);
            (void)raise(SIGKILL);
        }
        if (refused.kind == DATA)
            (void)fprintf(stderr, "libsystem: %.*s\n", (int)refused.size, (const char *)refused.data);
    }
    return (kern_return_t)code;
}

static void begin_process(void) __attribute__((constructor));
static void begin_process(void)
{
    (void)pthread_key_create(&at_exit_of_thread, hang_up);
    if (getenv("PORTAUDIT_KERNEL") != NULL)
        connect_line();
}

/* ---- calls: one letter an argument, in the order of the C prototype. Given: u, i, g (32 bits unsigned, signed; 64);
 * L an array of numbers and its count. Filled, behind '>': u a uint32_t, g a uint64_t, s a structure or text (its size
 * follows), l an array that the callee allocates and its count (the size of an element follows) ---- */

static void *lend(const struct value *from, struct bytes *in, size_t element, uint32_t *count)
{
    size_t at, bytes = from->kind == LIST ? from->size * sizeof(uint32_t) : from->size;
    uint8_t *array = bytes > 0 ? malloc(bytes) : NULL;
    *count = (uint32_t)(bytes / element);
    if (from->kind == DATA && array != NULL)
        memcpy(array, from->data, bytes);
    for (at = 0; from->kind == LIST && at < from->size; at++) {
        uint32_t number = (uint32_t)take(in).number;
        memcpy(array + at * sizeof number, &number, sizeof number);
    }
    return array;
}

static void put_inputs(const char *letters, va_list *arguments)
{
    for (; *letters != '\0' && *letters != '>'; letters++) {
        if (*letters == 'u')
            put_unsigned(&line.out, va_arg(*arguments, uint32_t));
        else if (*letters == 'i')
            put_number(&line.out, va_arg(*arguments, int32_t));
        else if (*letters == 'g')
            put_unsigned(&line.out, va_arg(*arguments, uint64_t));
        else {
            const uint32_t *array = va_arg(*arguments, const uint32_t *);
            uint32_t count = va_arg(*arguments, uint32_t), at;
            put_array(&line.out, count);
            for (at = 0; at < count; at++)
                put_unsigned(&line.out, array[at]);
        }
    }
}

static void take_outputs(const char *letters, va_list *arguments, size_t outputs)
{
    for (; *letters != '\0' && outputs > 0; letters++, outputs--) {
        struct value output = take(&line.in);
        void *place = va_arg(*arguments, void *);
        if (*letters == 'u' && output.kind == NUMBER)
            *(uint32_t *)place = (uint32_t)output.number;
        else if (*letters == 'g' && output.kind == NUMBER)
            *(uint64_t *)place = (uint64_t)output.number;
        else if (*letters == 's') {
            size_t size = va_arg(*arguments, size_t);
            if (output.kind == DATA)
                memcpy(place, output.data, output.size < size ? output.size : size);
        } else if (*letters == 'l') {
            uint32_t *count = va_arg(*arguments, uint32_t *);
            *(void **)place = lend(&output, &line.in, va_arg(*arguments, size_t), count);
        }
    }
}

static kern_return_t call(const char *function, const char *letters, ...)
{
    const char *filled = strchr(letters, '>');
    va_list arguments;
    size_t outputs;
    kern_return_t code;
    va_start(arguments, letters);
    (void)begin(function, filled != NULL ? (size_t)(filled - letters) : strlen(letters));
    put_inputs(letters, &arguments);
    code = ask(&outputs);
    if (filled != NULL)
        take_outputs(filled + 1, &arguments, outputs);
    va_end(arguments);
    return code;
}

static mach_port_t self_call(const char *function)
{
    mach_port_t name = MACH_PORT_NULL;
    (void)call(function, ">u", &name);
    return name;
}

mach_port_t mach_host_self(void) { return self_call("mach_host_self"); }
mach_port_t mach_thread_self(void) { return self_call("mach_thread_self"); }
mach_port_t mach_reply_port(void) { return self_call("mach_reply_port"); }
kern_return_t task_for_pid(mach_port_name_t self, int pid, mach_port_name_t *t) { return call("task_for_pid", "ui>u", self, pid, t); }
kern_return_t task_name_for_pid(mach_port_name_t self, int pid, mach_port_name_t *tn) { return call("task_name_for_pid", "ui>u", self, pid, tn); }
kern_return_t task_read_for_pid(mach_port_name_t self, int pid, mach_port_name_t *t) { return call("task_read_for_pid", "ui>u", self, pid, t); }
kern_return_t task_inspect_for_pid(mach_port_name_t self, int pid, mach_port_name_t *t) { return call("task_inspect_for_pid", "ui>u", self, pid, t); }
kern_return_t task_threads(task_inspect_t task, thread_act_array_t *list, mach_msg_type_number_t *count) { return call("task_threads", "u>l", task, list, count, sizeof(uint32_t)); }
kern_return_t task_get_special_port(task_inspect_t task, int which, mach_port_t *port) { return call("task_get_special_port", "ui>u", task, which, port); }
kern_return_t mach_ports_register(task_t task, mach_port_array_t ports, mach_msg_type_number_t count) { return call("mach_ports_register", "uL", task, ports, count); }
kern_return_t mach_ports_lookup(task_t task, mach_port_array_t *ports, mach_msg_type_number_t *count) { return call("mach_ports_lookup", "u>l", task, ports, count, sizeof(uint32_t)); }
kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name) { return call("mach_port_allocate", "uu>u", task, right, name); }
kern_return_t mach_port_allocate_name(ipc_space_t task, mach_port_right_t right, mach_port_name_t name) { return call("mach_port_allocate_name", "uuu", task, right, name); }
kern_return_t mach_port_destruct(ipc_space_t task, mach_port_name_t name, mach_port_delta_t srdelta, mach_port_context_t guard) { return call("mach_port_destruct", "uuig", task, name, srdelta, guard); }
kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name) { return call("mach_port_deallocate", "uu", task, name); }
kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta) { return call("mach_port_mod_refs", "uuui", task, name, right, delta); }
kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name) { return call("mach_port_destroy", "uu", task, name); }
kern_return_t mach_port_get_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_urefs_t *refs) { return call("mach_port_get_refs", "uuu>u", task, name, right, refs); }
kern_return_t mach_port_type(ipc_space_t task, mach_port_name_t name, mach_port_type_t *type) { return call("mach_port_type", "uu>u", task, name, type); }
kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name, mach_port_t poly, mach_msg_type_name_t how) { return call("mach_port_insert_right", "uuuu", task, name, poly, how); }
kern_return_t mach_port_extract_right(ipc_space_t task, mach_port_name_t name, mach_msg_type_name_t how, mach_port_t *poly, mach_msg_type_name_t *got) { return call("mach_port_extract_right", "uuu>uu", task, name, how, poly, got); }
kern_return_t mach_port_request_notification(ipc_space_t task, mach_port_name_t name, mach_msg_id_t id, mach_port_mscount_t sync, mach_port_t notify, mach_msg_type_name_t how, mach_port_t *previous) { return call("mach_port_request_notification", "uuiuuu>u", task, name, id, sync, notify, how, previous); }
kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value) { return call("semaphore_create", "uii>u", task, policy, value, semaphore); }
kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore) { return call("semaphore_destroy", "uu", task, semaphore); }
kern_return_t host_get_clock_service(host_t host, clock_id_t id, clock_serv_t *clock) { return call("host_get_clock_service", "ui>u", host, id, clock); }
kern_return_t host_get_io_master(host_t host, mach_port_t *port) { return call("host_get_io_master", "u>u", host, port); }
kern_return_t mach_make_memory_entry_64(vm_map_t task, memory_object_size_t *size, memory_object_offset_t offset, vm_prot_t permission, mach_port_t *entry, mem_entry_name_port_t parent) { return call("mach_make_memory_entry_64", "uggiu>gu", task, *size, offset, permission, parent, size, entry); }
int fileport_makeport(int fd, mach_port_t *port) { return call("fileport_makeport", "i>u", fd, port); }
kern_return_t mach_port_space_basic_info(ipc_space_t task, ipc_info_space_basic_t *info) { return call("mach_port_space_basic_info", "u>s", task, info, sizeof *info); }
kern_return_t mach_port_space_info(ipc_space_t task, ipc_info_space_t *info, ipc_info_name_t **rows, mach_msg_type_number_t *count, ipc_info_tree_name_t **tree, mach_msg_type_number_t *tree_count) { return call("mach_port_space_info", "u>sll", task, info, sizeof *info, rows, count, sizeof **rows, tree, tree_count, sizeof **tree); }
kern_return_t mach_port_kobject_description(ipc_space_t task, mach_port_name_t name, natural_t *type, mach_vm_address_t *address, char *text) { return call("mach_port_kobject_description", "uu>ugs", task, name, type, address, text, sizeof(kobject_description_t)); }

kern_return_t mach_port_construct(ipc_space_t task, mach_port_options_ptr_t options, mach_port_context_t context, mach_port_name_t *name)
{
    struct bytes *out = begin("mach_port_construct", 3);
    size_t outputs;
    kern_return_t code;
    put_unsigned(out, task);
    put_binary(out, options, sizeof *options);
    put_unsigned(out, context);
    code = ask(&outputs);
    if (outputs > 0)
        *name = (mach_port_name_t)take(&line.in).number;
    return code;
}

kern_return_t mach_port_get_attributes(ipc_space_t task, mach_port_name_t name, mach_port_flavor_t flavor, mach_port_info_t info, mach_msg_type_number_t *words)
{
    struct bytes *out = begin("mach_port_get_attributes", 4);
    size_t outputs, at;
    kern_return_t code;
    struct value list;
    put_unsigned(out, task);
    put_unsigned(out, name);
    put_number(out, flavor);
    put_unsigned(out, *words);
    code = ask(&outputs);
    list = outputs > 0 ? take(&line.in) : (struct value){NIL, 0, NULL, 0};
    for (at = 0; list.kind == LIST && at < list.size && at < *words; at++)
        info[at] = (integer_t)take(&line.in).number;
    if (list.kind == LIST && list.size < *words)
        *words = (mach_msg_type_number_t)list.size;
    return code;
}

kern_return_t vm_deallocate(vm_map_t task, vm_address_t address, vm_size_t size)
{
    (void)task;
    (void)size;
    free((void *)address);
    return KERN_SUCCESS;
}

/* ---- messages ---- */

enum { TYPE_AT = 11, COUNT_AT = 12 };

static uint32_t word(const void *from)
{
    uint32_t number;
    memcpy(&number, from, sizeof number);
    return number;
}

/* Calls `visit` for each out-of-line array of rights that a message has. */
static void each_array(uint8_t *message, size_t size, void (*visit)(uint8_t *descriptor, uint8_t *message, void *data), void *data)
{
    uint8_t *here = message + sizeof(mach_msg_header_t) + 4;
    uint32_t count, at;
    if (size < sizeof(mach_msg_header_t) + 4 || (word(message) & MACH_MSGH_BITS_COMPLEX) == 0)
        return;
    count = word(here - 4);
    for (at = 0; at < count && here + 12 <= message + size; at++) {
        if (here[TYPE_AT] == MACH_MSG_OOL_PORTS_DESCRIPTOR)
            visit(here, message, data);
        here += here[TYPE_AT] == MACH_MSG_PORT_DESCRIPTOR ? 12 : 16;
    }
}
static void append_array(uint8_t *descriptor, uint8_t *message, void *data)
{
    struct bytes *whole = data;
    const void *array;
    uint64_t offset = whole->size;
    ptrdiff_t at = descriptor - message;
    memcpy(&array, descriptor, sizeof array);
    put(whole, array, (size_t)word(descriptor + COUNT_AT) * 4);
    memcpy(whole->data + at, &offset, sizeof offset);
}
static void lend_array(uint8_t *descriptor, uint8_t *message, void *data)
{
    uint64_t offset;
    size_t size = (size_t)word(descriptor + COUNT_AT) * 4;
    void *array = malloc(size + 1);
    (void)data;
    memcpy(&offset, descriptor, sizeof offset);
    if (array == NULL)
        fail("out of memory");
    memcpy(array, message + offset, size);
    memcpy(descriptor, &array, sizeof array);
}
static void put_message(const mach_msg_header_t *msg, mach_msg_size_t size)
{
    struct bytes whole = {NULL, 0, 0, 0};
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL)
        fail("out of memory");
    memcpy(copy, msg, size);
    if (size >= 8)
        memcpy(copy + 4, &size, 4); /* what the call says is what is sent */
    put(&whole, copy, size);
    each_array(copy, size, append_array, &whole);
    put_binary(&line.out, whole.data, whole.size);
    free(whole.data);
    free(copy);
}
static void take_message(const struct value *message, mach_msg_header_t *msg, mach_msg_size_t room)
{
    static const uint32_t trailer[2] = {0, 8};
    uint8_t *copy = malloc(message->size + 8);
    size_t size;
    if (copy == NULL)
        fail("out of memory");
    memcpy(copy, message->data, message->size);
    size = word(copy + 4);
    each_array(copy, size, lend_array, NULL);
    memcpy(msg, copy, size < room ? size : room);
    if (size + sizeof trailer <= room)
        memcpy((uint8_t *)msg + size, trailer, sizeof trailer);
    free(copy);
}

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                           mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify)
{
    struct bytes *out = begin("mach_msg", 7);
    size_t outputs;
    mach_msg_return_t code;
    struct value message;
    if ((option & MACH_SEND_MSG) != 0)
        put_message(msg, send_size);
    else
        put_nil(out);
    put_number(out, option);
    put_unsigned(out, send_size);
    put_unsigned(out, rcv_size);
    put_unsigned(out, rcv_name);
    put_unsigned(out, timeout);
    put_unsigned(out, notify);
    code = ask(&outputs);
    message = outputs > 0 ? take(&line.in) : (struct value){NIL, 0, NULL, 0};
    if (message.kind == DATA)
        take_message(&message, msg, rcv_size > send_size ? rcv_size : send_size);
    return code;
}

static void destroy_right(mach_port_t name, unsigned disposition)
{
    if (!MACH_PORT_VALID(name))
        return;
    if (disposition == MACH_MSG_TYPE_MOVE_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
        (void)mach_port_deallocate(mach_task_self_, name);
    if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
        (void)mach_port_mod_refs(mach_task_self_, name, MACH_PORT_RIGHT_RECEIVE, -1);
}
void mach_msg_destroy(mach_msg_header_t *msg)
{
    uint8_t *here = (uint8_t *)(msg + 1) + 4;
    uint32_t count, at, each;
    destroy_right(msg->msgh_remote_port, msg->msgh_bits & 0x1f);
    if ((msg->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0)
        return;
    count = word(here - 4);
    for (at = 0; at < count; at++) {
        if (here[TYPE_AT] == MACH_MSG_PORT_DESCRIPTOR)
            destroy_right(word(here), here[10]);
        if (here[TYPE_AT] == MACH_MSG_OOL_PORTS_DESCRIPTOR) {
            uint8_t *array;
            memcpy(&array, here, sizeof array);
            for (each = 0; each < word(here + COUNT_AT); each++)
                destroy_right(word(array + (size_t)each * 4), here[10]);
            free(array);
        }
        here += here[TYPE_AT] == MACH_MSG_PORT_DESCRIPTOR ? 12 : 16;
    }
}

/* ---- what is not the kernel's ---- */

char *mach_error_string(kern_return_t code)
{
    static __thread char text[40];
    (void)snprintf(text, sizeof text, "kern_return_t %d", code);
    return text;
}

/* A dictionary keeps a reference of its own while it lives, as libxpc's is believed to. */
xpc_object_t xpc_dictionary_create(const char *const *keys, const xpc_object_t *values, size_t count)
{
    (void)keys, (void)values, (void)count;
    return calloc(1, sizeof(mach_port_t));
}
void xpc_dictionary_set_mach_send(xpc_object_t xdict, const char *key, mach_port_t p)
{
    (void)key;
    if (mach_port_mod_refs(mach_task_self_, p, MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS)
        *(mach_port_t *)xdict = p;
}
void xpc_release(xpc_object_t object)
{
    if (*(mach_port_t *)object != MACH_PORT_NULL)
        (void)mach_port_deallocate(mach_task_self_, *(mach_port_t *)object);
    free(object);
}
mach_port_t xpc_dictionary_copy_mach_send(xpc_object_t xdict, const char *key)
{
    mach_port_t port = xdict != NULL ? *(mach_port_t *)xdict : MACH_PORT_NULL;
    (void)key;
    if (port != MACH_PORT_NULL && mach_port_mod_refs(mach_task_self_, port, MACH_PORT_RIGHT_SEND, 1) != KERN_SUCCESS)
        return MACH_PORT_NULL;
    return port;
}

int sysctl(int *name, unsigned length, void *old, size_t *size, void *fresh, size_t fresh_size)
{
    (void)name, (void)length, (void)old, (void)size, (void)fresh, (void)fresh_size;
    errno = ENOENT;
    return -1;
}
int sysctlbyname(const char *name, void *old, size_t *size, void *fresh, size_t fresh_size)
{
    (void)name, (void)old, (void)size, (void)fresh, (void)fresh_size;
    errno = ENOENT;
    return -1;
}
const char *getprogname(void) { return program_invocation_short_name; }
