/*
 * portaudit_ledger: writes down where a process acquires Mach port rights and where it gives them back.
 *
 * On a Mac: DYLD_INSERT_LIBRARIES it into a process, or link it into a debug build. Elsewhere: LD_PRELOAD it over a
 * stand-in for libSystem. PORTAUDIT_LEDGER names the file (%p: the pid), PORTAUDIT_LEDGER_EVENTS its capacity.
 * The file is described in portaudit-ledger(5). Needs frame pointers in the code that calls (-fno-omit-frame-pointer).
 *
 * What makes the ledger true:
 *  - an acquisition takes its place after the kernel gave the right, a release takes its place before the kernel is
 *    asked: in the ledger's order no release of a name stands behind the acquisition that uses the name again;
 *  - a release is written as begun first: if the kernel kills the process for it, it is the last thing in the file;
 *  - a recorded function called by a recorded function counts once, as the outer one;
 *  - no lock, no allocation and no Mach call where events are written; no file is ever overwritten;
 *  - room on the disk is taken before it is written to: a full disk ends the ledger, not the process.
 */
#if !defined(__APPLE__)
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <dlfcn.h>
#include <mach/mach.h>
#if defined(__APPLE__)
#include <mach-o/dyld.h>
#include <mach-o/loader.h>
#include <mach/mach_time.h>
#include <mach/mach_voucher_types.h>
#include <xpc/xpc.h>
#else
#include <link.h>
#include <sys/syscall.h>
#include <xpc/xpc.h>
#endif

/* ---- the file ---- */

enum { VERSION = 1, INTERPOSER = 1, DEPTH = 19, NOTES_SIZE = 1 << 20, CHUNK = 8192, ALL = INT32_MIN, ANY_RIGHT = 255 };
enum { EMPTY = 0, BEGUN = 1, DONE = 2, REFUSED = 3 };
enum { NOTE_FUNCTION = 1, NOTE_IMAGE = 2, NOTE_UNLOADED = 3 };
enum { CAPACITY = 1 << 18, CAPACITY_MAX = 1 << 26 };

struct header {
    char magic[8];
    uint32_t order, version, header_size, event_size, notes_size, recorder, architecture, task_self;
    _Atomic uint64_t capacity; /* becomes less where the disk is full */
    _Atomic uint64_t head;     /* places taken; those beyond the capacity were dropped */
    _Atomic uint64_t notes;    /* bytes of notes taken */
    uint64_t pid, started_ns, started_ticks;
    uint32_t tick_numer, tick_denom;
    _Atomic uint64_t ended_ns; /* 0: the process did not come to its end, or has not yet */
    uint64_t reserved[3];
};
struct event {
    _Atomic uint32_t state;
    int32_t code;
    uint64_t ticks, thread;
    uint32_t name;
    int32_t change;
    uint32_t call; /* the sequence of the first event of the same call */
    uint16_t function;
    uint8_t right, depth;
    uint64_t stack[DEPTH];
};
struct note { /* its text follows, and zeros up to a multiple of 8; `size` is written last */
    _Atomic uint32_t size;
    uint16_t kind, function;
    uint64_t sequence, base, length;
    uint8_t id[20], id_length, spare[3];
};
_Static_assert(sizeof(struct header) == 128 && sizeof(struct event) == 192 && sizeof(struct note) == 56, "the format");

static struct header *ledger; /* NULL: not recording */
static struct event *events;
static char *notes;
static char path_of_file[PATH_MAX];
static struct stat identity_of_file;
static _Atomic uint64_t room;     /* events that have room on the disk */
static _Atomic uint64_t claimed;  /* events for which somebody is taking, or has taken, room */

/* ---- what differs between the systems ---- */

#define INLINE static inline __attribute__((always_inline))

#if defined(__APPLE__)
static pthread_key_t guard_key; /* __thread may allocate at its first use on a Mac */
INLINE void *guard(void) { return pthread_getspecific(guard_key); }
INLINE void set_guard(void *frame) { (void)pthread_setspecific(guard_key, frame); }
INLINE uint64_t ticks(void) { return mach_absolute_time(); }
INLINE uint64_t thread_id(void)
{
    uint64_t id = 0;
    (void)pthread_threadid_np(NULL, &id);
    return id;
}
INLINE uintptr_t stack_top(void) { return (uintptr_t)pthread_get_stackaddr_np(pthread_self()); }
#define WITHOUT_SIGNATURE(pc) ((pc) & 0x00007fffffffffffull) /* arm64e signs return addresses */
#define REAL(name) name
#define WRAP(result, name, arguments)                                                                        \
    extern result name arguments __attribute__((weak_import));                                               \
    static result recorded_##name arguments;                                                                 \
    __attribute__((used)) static const struct { const void *replacement, *replaced; } interpose_##name       \
        __attribute__((section("__DATA,__interpose"))) = {(const void *)(uintptr_t)recorded_##name,          \
                                                          (const void *)(uintptr_t)name};                    \
    static result recorded_##name arguments
#else
#pragma weak mach_task_self_ /* a shell that starts the program carries this along, too, and has no Mach */
extern void *__libc_stack_end;
static __thread struct { void *guard; uint64_t id; uintptr_t top; } mine __attribute__((tls_model("initial-exec")));
INLINE void *guard(void) { return mine.guard; }
INLINE void set_guard(void *frame) { mine.guard = frame; }
INLINE uint64_t ticks(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
INLINE uint64_t thread_id(void)
{
    if (mine.id == 0)
        mine.id = (uint64_t)syscall(SYS_gettid);
    return mine.id;
}
INLINE uintptr_t stack_top(void) /* glibc keeps a thread's own data at the top of its stack */
{
    if (mine.top == 0)
        mine.top = thread_id() == (uint64_t)getpid() ? (uintptr_t)__libc_stack_end : (uintptr_t)pthread_self();
    return mine.top;
}
static void *find_real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        (void)fprintf(stderr, "portaudit_ledger: nothing here offers %s, which was called\n", name);
        abort();
    }
    return found;
}
#define WITHOUT_SIGNATURE(pc) (pc)
#define REAL(name) (*(__typeof__(&name))(uintptr_t)real_##name())
#define WRAP(result, name, arguments)                                                                        \
    extern result name arguments;                                                                            \
    INLINE void *real_##name(void)                                                                           \
    {                                                                                                        \
        static _Atomic(void *) known;                                                                        \
        void *found = atomic_load_explicit(&known, memory_order_relaxed);                                    \
        if (found == NULL)                                                                                   \
            atomic_store_explicit(&known, found = find_real(#name), memory_order_relaxed);                   \
        return found;                                                                                        \
    }                                                                                                        \
    __attribute__((visibility("default"))) result name arguments
#endif

/* ---- room on the disk ---- */

/* Beyond the limit on a file's size (ulimit -f) a write would not fail, but end the process by SIGXFSZ. */
static int is_allowed(off_t end)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || (rlim_t)end <= limit.rlim_cur)
        return 1;
    errno = EFBIG;
    return 0;
}

static int fill_with_zeros(int fd, off_t from, size_t size)
{
    static const char zeros[1 << 16];
    if (!is_allowed(from + (off_t)size))
        return 0;
    while (size > 0) {
        ssize_t written = pwrite(fd, zeros, size < sizeof zeros ? size : sizeof zeros, from);
        if (written <= 0)
            return 0;
        from += written;
        size -= (size_t)written;
    }
    return 1;
}

/* The file is opened anew each time: a daemon may have closed all descriptors, and others use their numbers. */
static int open_again(void)
{
    struct stat found;
    int fd = open(path_of_file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && (fstat(fd, &found) != 0 || found.st_ino != identity_of_file.st_ino || found.st_dev != identity_of_file.st_dev)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Takes room for the chunk that begins at `from`. Where there is none the ledger ends there, and says so. */
static __attribute__((noinline)) void take_room(uint64_t from, uint64_t capacity)
{
    uint64_t until = from + CHUNK < capacity ? from + CHUNK : capacity;
    off_t at = (off_t)(sizeof(struct header) + NOTES_SIZE + from * sizeof(struct event));
    int cancelled, fd;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelled); /* open and pwrite end a cancelled thread */
    fd = open_again();
    int taken = fd >= 0 && fill_with_zeros(fd, at, (size_t)(until - from) * sizeof(struct event));
    if (fd >= 0)
        (void)close(fd);
    if (!taken)
        atomic_store(&ledger->capacity, from);
    atomic_store(&room, taken ? until : UINT64_MAX);
    (void)pthread_setcancelstate(cancelled, NULL);
}

/* Says whether an event may be written at this place. One thread takes the room for all; the others wait for it. */
static __attribute__((noinline)) int await_room(uint64_t place)
{
    for (;;) {
        uint64_t has = atomic_load(&room), capacity = atomic_load(&ledger->capacity), expected = has;
        if (place >= capacity)
            return 0;
        if (place < has)
            return 1;
        if (atomic_compare_exchange_strong(&claimed, &expected, has + CHUNK))
            take_room(has, capacity);
        else
            (void)sched_yield();
    }
}

/* ---- one event ---- */

enum { STACK_MAX = 64 << 20 }; /* bytes; a frame farther from its thread's stack is on another one: a signal's */

/* Frame pointers: kept by arm64's calling convention, and by clang on x86_64 macOS. Every step goes up. */
INLINE uint8_t walk(uint64_t *stack, void **frame)
{
    uintptr_t top = stack_top();
    uint8_t depth = 0;
    int known = (uintptr_t)frame < top && top - (uintptr_t)frame < STACK_MAX;
    while (depth < DEPTH && (uintptr_t)frame % sizeof(void *) == 0) {
        void **next = (void **)frame[0];
        uint64_t pc = WITHOUT_SIGNATURE((uint64_t)(uintptr_t)frame[1]);
        if (pc < 4096)
            break;
        stack[depth++] = pc;
        if (!known || next <= frame || (uintptr_t)next + 2 * sizeof(void *) > top)
            break;
        frame = next;
    }
    return depth;
}

/* The outermost recorded call of a thread keeps its frame's address; a deeper frame is nested in it. A guard that was
 * left behind, by a longjmp out of the call, lies below the next call's frame and is seen to be stale. */
INLINE int enter(void *frame)
{
    void *outer;
    if (ledger == NULL)
        return 0;
    outer = guard();
    if (outer != NULL && (uintptr_t)frame < (uintptr_t)outer)
        return 0;
    set_guard(frame);
    return 1;
}

INLINE void leave(int outermost)
{
    if (outermost)
        set_guard(NULL);
}

struct call { /* of a recorded function: its frame, its number, the sequence of its first event */
    void *frame;
    uint16_t function;
    int64_t first;
};

INLINE uint64_t take_places(struct call *call, uint64_t count)
{
    uint64_t place = atomic_fetch_add_explicit(&ledger->head, count, memory_order_relaxed);
    if (call->first < 0)
        call->first = (int64_t)place;
    return place;
}

static __attribute__((noinline)) struct event *begin_at(const struct call *call, uint64_t place, uint32_t name, int32_t change, uint8_t right)
{
    struct event *event = events + place;
    int kept = errno;
    if (place >= atomic_load_explicit(&room, memory_order_acquire) || place >= atomic_load_explicit(&ledger->capacity, memory_order_relaxed)) {
        void *outer = guard();
        int there;
        set_guard((void *)UINTPTR_MAX); /* whatever a signal's handler calls meanwhile, on any stack, must not wait for us */
        there = await_room(place);
        set_guard(outer);
        if (!there) {
            errno = kept;
            return NULL;
        }
    }
    event->code = 0;
    event->ticks = ticks();
    event->thread = thread_id();
    event->name = name;
    event->change = change;
    event->call = (uint32_t)call->first;
    event->function = call->function;
    event->right = right;
    event->depth = walk(event->stack, (void **)call->frame);
    atomic_store_explicit(&event->state, BEGUN, memory_order_release);
    errno = kept;
    return event;
}

INLINE struct event *releasing(struct call *call, uint32_t name, int32_t change, uint8_t right)
{
    return MACH_PORT_VALID(name) ? begin_at(call, take_places(call, 1), name, change, right) : NULL;
}

INLINE void finish(struct event *event, int32_t code, int counts)
{
    if (event == NULL)
        return;
    event->code = code;
    atomic_store_explicit(&event->state, counts ? DONE : REFUSED, memory_order_release);
}

INLINE void acquired(struct call *call, uint32_t name, int32_t change, uint8_t right)
{
    if (MACH_PORT_VALID(name))
        finish(begin_at(call, take_places(call, 1), name, change, right), 0, 1);
}

INLINE uint32_t name_at(const void *array, uint32_t index)
{
    uint32_t name;
    memcpy(&name, (const char *)array + (size_t)index * sizeof name, sizeof name);
    return name;
}

/* What a call consumes is gone even where it is refused, unless that very right was (or the message did not leave). */
INLINE int consumed(int32_t code)
{
    return code != KERN_INVALID_NAME && code != KERN_INVALID_RIGHT && ((uint32_t)code & 0xffffc000u) != 0x10000000u;
}

INLINE int moves(unsigned disposition)
{
    return disposition >= MACH_MSG_TYPE_MOVE_RECEIVE && disposition <= MACH_MSG_TYPE_MOVE_SEND_ONCE;
}

INLINE uint8_t kind_of(unsigned disposition)
{
    if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
        return MACH_PORT_RIGHT_RECEIVE;
    if (disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE || disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE)
        return MACH_PORT_RIGHT_SEND_ONCE;
    return MACH_PORT_RIGHT_SEND;
}

#define ENTER(name)                                                                                          \
    struct call call_ = {__builtin_frame_address(0), F_##name, -1};                                          \
    const int outermost_ = enter(call_.frame)
#define LEAVE leave(outermost_)

/* ---- the functions: written from portaudit's table ---- */

/*@ WRAPPERS @*/

/* ---- messages: a right in the header and in each descriptor. Byte 10 of a descriptor is its disposition, 11 its type ---- */

enum { IS_COMPLEX = (int)0x80000000, PORT_DESCRIPTOR = 0, OOL_PORTS_DESCRIPTOR = 2, GUARDED_PORT_DESCRIPTOR = 4 };
enum { SEND_OPTION = 1, RECEIVE_OPTION = 2, HEADER_RIGHTS = 3, ARRAY_MAX = 1 << 20 };

struct sink { /* what is done with each right that a message carries along */
    struct call *call;
    uint64_t place, reserved; /* where a sender's events stand, and how many may: another thread may change the message */
    uint64_t count;
    uint64_t in_header;    /* how many of them stand in the header */
    enum { COUNTING, RELEASING, ACQUIRING, DESTROYING } purpose;
};

INLINE void carried(struct sink *sink, uint32_t name, unsigned disposition)
{
    struct event *event;
    if (!MACH_PORT_VALID(name) || !moves(disposition))
        return; /* COPY_SEND, MAKE_SEND and MAKE_SEND_ONCE leave the sender's references as they are */
    switch (sink->purpose) {
    case COUNTING:
        break;
    case RELEASING:
        if (sink->count >= sink->reserved)
            return;
        (void)begin_at(sink->call, sink->place + sink->count, name, -1, kind_of(disposition));
        break;
    case ACQUIRING:
        acquired(sink->call, name, 1, kind_of(disposition));
        break;
    case DESTROYING:
        event = releasing(sink->call, name, -1, kind_of(disposition));
        finish(event, 0, 1);
        break;
    }
    sink->count++;
}

INLINE void carry_array(struct sink *sink, const uint8_t *descriptor)
{
    const void *array;
    uint32_t names, each;
    memcpy(&array, descriptor, sizeof array);
    memcpy(&names, descriptor + 12, sizeof names);
    for (each = 0; array != NULL && each < names && each < ARRAY_MAX; each++)
        carried(sink, name_at(array, each), descriptor[10]);
}

static __attribute__((noinline)) void walk_message(struct sink *sink, const mach_msg_header_t *head, size_t size_of_message, int with_local)
{
    const uint8_t *here = (const uint8_t *)(head + 1), *end = (const uint8_t *)head + size_of_message;
    uint32_t count, at;
    carried(sink, head->msgh_remote_port, head->msgh_bits & 0x1f);
    if (with_local) /* in a message that was received it names the receiver's own right */
        carried(sink, head->msgh_local_port, head->msgh_bits >> 8 & 0x1f);
    carried(sink, head->msgh_voucher_port, head->msgh_bits >> 16 & 0x1f);
    sink->in_header = sink->count;
    if ((head->msgh_bits & (unsigned)IS_COMPLEX) == 0 || here + sizeof count > end)
        return;
    memcpy(&count, here, sizeof count);
    here += sizeof count;
    for (at = 0; at < count && here + 12 <= end; at++) {
        size_t size = here[11] == PORT_DESCRIPTOR ? 12 : 16;
        if (here + size > end)
            return;
        if (here[11] == PORT_DESCRIPTOR)
            carried(sink, name_at(here, 0), here[10]);
        else if (here[11] == GUARDED_PORT_DESCRIPTOR)
            carried(sink, name_at(here, 3), here[10]);
        else if (here[11] == OOL_PORTS_DESCRIPTOR)
            carry_array(sink, here);
        here += size;
    }
}

/* All events of a send stand side by side, so that they need no list, however many there are. */
INLINE struct sink sending(struct call *call, const mach_msg_header_t *head, mach_msg_size_t size)
{
    struct sink sink = {call, 0, 0, 0, 0, COUNTING};
    walk_message(&sink, head, size, 1);
    if (sink.count > 0) {
        sink.place = take_places(call, sink.count);
        sink.reserved = sink.count;
        sink.count = 0;
        sink.purpose = RELEASING;
        walk_message(&sink, head, size, 1);
    }
    return sink;
}

enum { SEND_TIMED_OUT = 0x10000004, SEND_INTERRUPTED = 0x10000007, SEND_NO_BUFFER = 0x1000000d, SEND_INVALID_RIGHT = 0x1000000a };

/* A send that failed before anything was taken counts nothing. One that was refused for a right in its body has lost
 * the header's rights. One that found no room was received back: everything was taken, and came again. */
INLINE int send_counts(uint32_t code, int in_header)
{
    if ((code & 0xffffc000u) != 0x10000000u)
        return 1;
    return code == SEND_TIMED_OUT || code == SEND_INTERRUPTED || code == SEND_NO_BUFFER || (in_header && code == SEND_INVALID_RIGHT);
}

INLINE void sent(const struct sink *sink, const mach_msg_header_t *head, int32_t code)
{
    uint64_t at;
    for (at = 0; at < sink->count && sink->place + at < atomic_load(&ledger->capacity); at++)
        finish(events + sink->place + at, code, send_counts((uint32_t)code, at < sink->in_header));
    if (code == SEND_TIMED_OUT || code == SEND_INTERRUPTED || code == SEND_NO_BUFFER) {
        struct sink back = {sink->call, 0, 0, 0, 0, ACQUIRING};
        walk_message(&back, head, head->msgh_size, 1);
    }
}

INLINE void received(struct call *call, const mach_msg_header_t *head)
{
    struct sink sink = {call, 0, 0, 0, 0, ACQUIRING};
    call->first = -1;
    walk_message(&sink, head, head->msgh_size, 0);
}

WRAP(mach_msg_return_t, mach_msg,
     (mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
      mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify))
{
    ENTER(mach_msg);
    struct sink sink = {&call_, 0, 0, 0, 0, COUNTING};
    mach_msg_return_t code;
    if (outermost_ && (option & SEND_OPTION) != 0)
        sink = sending(&call_, msg, send_size); /* msgh_size is not set by everybody who sends */
    code = REAL(mach_msg)(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
    if (outermost_ && (option & SEND_OPTION) != 0)
        sent(&sink, msg, code);
    if (outermost_ && (option & RECEIVE_OPTION) != 0 && code == 0)
        received(&call_, msg);
    LEAVE;
    return code;
}

WRAP(mach_msg_return_t, mach_msg_overwrite,
     (mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
      mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify, mach_msg_header_t *rcv_msg,
      mach_msg_size_t rcv_limit))
{
    ENTER(mach_msg_overwrite);
    struct sink sink = {&call_, 0, 0, 0, 0, COUNTING};
    mach_msg_return_t code;
    if (outermost_ && (option & SEND_OPTION) != 0)
        sink = sending(&call_, msg, send_size);
    code = REAL(mach_msg_overwrite)(msg, option, send_size, rcv_size, rcv_name, timeout, notify, rcv_msg, rcv_limit);
    if (outermost_ && (option & SEND_OPTION) != 0)
        sent(&sink, msg, code);
    if (outermost_ && (option & RECEIVE_OPTION) != 0 && code == 0)
        received(&call_, rcv_msg != NULL ? rcv_msg : msg);
    LEAVE;
    return code;
}

WRAP(mach_msg_return_t, mach_msg_send, (mach_msg_header_t *header))
{
    ENTER(mach_msg_send);
    struct sink sink = {&call_, 0, 0, 0, 0, COUNTING};
    mach_msg_return_t code;
    if (outermost_)
        sink = sending(&call_, header, header->msgh_size);
    code = REAL(mach_msg_send)(header);
    if (outermost_)
        sent(&sink, header, code);
    LEAVE;
    return code;
}

WRAP(mach_msg_return_t, mach_msg_receive, (mach_msg_header_t *header))
{
    ENTER(mach_msg_receive);
    mach_msg_return_t code = REAL(mach_msg_receive)(header);
    if (outermost_ && code == 0)
        received(&call_, header);
    LEAVE;
    return code;
}

WRAP(void, mach_msg_destroy, (mach_msg_header_t *msg))
{
    ENTER(mach_msg_destroy);
    if (outermost_) {
        struct sink sink = {&call_, 0, 0, 0, 0, DESTROYING};
        walk_message(&sink, msg, msg->msgh_size, 0);
    }
    REAL(mach_msg_destroy)(msg);
    LEAVE;
}

/* ---- notes: what functions are called, and which images are loaded where ---- */

static void note(uint16_t kind, uint16_t function, const char *text, uint64_t base, uint64_t length, const uint8_t *id, size_t id_length)
{
    size_t characters = strlen(text), size = (sizeof(struct note) + characters + 1 + 7) / 8 * 8;
    uint64_t place = atomic_fetch_add(&ledger->notes, size);
    struct note *here = (struct note *)(void *)(notes + place);
    if (place + size > NOTES_SIZE)
        return;
    here->kind = kind;
    here->function = function;
    here->sequence = atomic_load(&ledger->head);
    here->base = base;
    here->length = length;
    here->id_length = (uint8_t)(id_length > sizeof here->id ? sizeof here->id : id_length);
    if (id != NULL)
        memcpy(here->id, id, here->id_length);
    memcpy(here + 1, text, characters + 1);
    atomic_store_explicit(&here->size, (uint32_t)size, memory_order_release);
}

#if defined(__APPLE__)
static void note_image(const struct mach_header *image, uint16_t kind)
{
    const struct mach_header_64 *header = (const struct mach_header_64 *)(const void *)image;
    const struct load_command *command = (const struct load_command *)(const void *)(header + 1);
    const uint8_t *uuid = NULL;
    uint64_t length = 0;
    uint32_t at;
    Dl_info info;
    if (ledger == NULL || header->magic != MH_MAGIC_64)
        return;
    for (at = 0; at < header->ncmds; at++) {
        if (command->cmd == LC_UUID)
            uuid = ((const struct uuid_command *)(const void *)command)->uuid;
        if (command->cmd == LC_SEGMENT_64 && strcmp(((const struct segment_command_64 *)(const void *)command)->segname, "__TEXT") == 0)
            length = ((const struct segment_command_64 *)(const void *)command)->vmsize;
        command = (const struct load_command *)(const void *)((const char *)command + command->cmdsize);
    }
    note(kind, 0, dladdr(image, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "", (uint64_t)(uintptr_t)image, length,
         uuid, uuid != NULL ? 16 : 0);
}
static void image_loaded(const struct mach_header *image, intptr_t slide)
{
    (void)slide;
    note_image(image, NOTE_IMAGE);
}
static void image_unloaded(const struct mach_header *image, intptr_t slide)
{
    (void)slide;
    note_image(image, NOTE_UNLOADED);
}
static void note_images(void) /* once a process: dyld calls it for every image that is there, and for each that comes */
{
    static int registered;
    uint32_t at;
    if (!registered) {
        registered = 1;
        _dyld_register_func_for_add_image(image_loaded);
        _dyld_register_func_for_remove_image(image_unloaded);
        return;
    }
    for (at = 0; at < _dyld_image_count(); at++)
        note_image(_dyld_get_image_header(at), NOTE_IMAGE);
}
#else
static const uint8_t *build_id(const char *here, const char *end, size_t *length)
{
    while (here + sizeof(ElfW(Nhdr)) < end) {
        const ElfW(Nhdr) *found = (const ElfW(Nhdr) *)(const void *)here;
        const char *name = here + sizeof *found, *body = name + (found->n_namesz + 3) / 4 * 4;
        if (found->n_type == NT_GNU_BUILD_ID && found->n_namesz == 4 && memcmp(name, "GNU", 4) == 0) {
            *length = found->n_descsz;
            return (const uint8_t *)body;
        }
        here = body + (found->n_descsz + 3) / 4 * 4;
    }
    return NULL;
}
static int note_image(struct dl_phdr_info *info, size_t size, void *data)
{
    const uint8_t *id = NULL;
    size_t id_length = 0;
    uint64_t length = 0, first = UINT64_MAX;
    char path[PATH_MAX] = "";
    int at;
    (void)size;
    (void)data;
    for (at = 0; at < info->dlpi_phnum; at++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[at];
        if (header->p_type == PT_LOAD && header->p_vaddr < first)
            first = header->p_vaddr / 4096 * 4096;
        if (header->p_type == PT_LOAD && header->p_vaddr + header->p_memsz > length)
            length = header->p_vaddr + header->p_memsz;
        if (header->p_type == PT_NOTE && id == NULL) {
            const char *from = (const char *)(info->dlpi_addr + header->p_vaddr);
            id = build_id(from, from + header->p_memsz, &id_length);
        }
    }
    if (info->dlpi_name[0] == '\0')
        (void)!readlink("/proc/self/exe", path, sizeof path - 1);
    note(NOTE_IMAGE, 0, path[0] != '\0' ? path : info->dlpi_name, info->dlpi_addr + first, length - first, id, id_length);
    return 0;
}
static void note_images(void)
{
    (void)dl_iterate_phdr(note_image, NULL);
}
static int note_new_images(struct dl_phdr_info *info, size_t size, void *data)
{
    unsigned long long *seen = data;
    if (info->dlpi_adds != *seen)
        (void)dl_iterate_phdr(note_image, NULL);
    *seen = info->dlpi_adds;
    (void)size;
    return 1;
}
/* What was unloaded is not told here: where another image comes to lie, the later note holds. */
WRAP(void *, dlopen, (const char *path, int mode))
{
    static unsigned long long seen;
    void *handle = REAL(dlopen)(path, mode);
    if (handle != NULL && ledger != NULL)
        (void)dl_iterate_phdr(note_new_images, &seen);
    return handle;
}
#endif

/* ---- beginning, fork, end ---- */

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Writes the path that a pattern stands for; gives its length, 0 if it is too long. */
static size_t spell(const char *pattern, char *path, size_t size)
{
    size_t used = 0;
    if (pattern[0] != '/') {
        if (getcwd(path, size) == NULL)
            return 0;
        used = strlen(path);
        path[used++] = '/';
    }
    for (; *pattern != '\0' && used + 24 < size; pattern++)
        if (pattern[0] == '%' && pattern[1] == 'p') {
            used += (size_t)snprintf(path + used, size - used, "%ld", (long)getpid());
            pattern++;
        } else
            path[used++] = *pattern;
    path[used] = '\0';
    return *pattern == '\0' ? used : 0;
}

/* A ledger that is there stays: exec keeps the pid, and every child inherits the variable. */
static int open_new(const char *pattern)
{
    size_t used = spell(pattern, path_of_file, sizeof path_of_file);
    int number, fd = -1;
    errno = ENAMETOOLONG;
    for (number = 1; used > 0 && fd < 0 && number < 1000; number++) {
        fd = open(path_of_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
        if (fd < 0)
            (void)snprintf(path_of_file + used, sizeof path_of_file - used, ".%d", number);
    }
    return fd;
}

static struct header *map_new(const char *pattern, size_t size)
{
    void *file = MAP_FAILED;
    int fd = open_new(pattern);
    if (fd >= 0 && fstat(fd, &identity_of_file) == 0 && is_allowed((off_t)size) && ftruncate(fd, (off_t)size) == 0 &&
        fill_with_zeros(fd, 0, sizeof(struct header) + NOTES_SIZE))
        file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (file == MAP_FAILED) {
        (void)fprintf(stderr, "portaudit_ledger: cannot write %s: %s\n", path_of_file, strerror(errno));
        if (fd >= 0)
            (void)unlink(path_of_file);
    }
    if (fd >= 0)
        (void)close(fd);
    return file == MAP_FAILED ? NULL : file;
}

static void start(void)
{
    const char *pattern = getenv("PORTAUDIT_LEDGER"), *wanted = getenv("PORTAUDIT_LEDGER_EVENTS");
    uint64_t capacity = wanted != NULL ? strtoull(wanted, NULL, 10) : CAPACITY;
    struct header *file;
    if (pattern == NULL || pattern[0] == '\0')
        return;
#if !defined(__APPLE__)
    if (&mach_task_self_ == NULL)
        return;
#endif
    if (capacity < 1 || capacity > CAPACITY_MAX)
        capacity = CAPACITY;
    file = map_new(pattern, sizeof *file + NOTES_SIZE + (size_t)capacity * sizeof(struct event));
    if (file == NULL)
        return;
    file->order = 0x01020304;
    file->version = VERSION;
    file->header_size = sizeof *file;
    file->event_size = sizeof(struct event);
    file->notes_size = NOTES_SIZE;
    file->recorder = INTERPOSER;
#if defined(__aarch64__)
    file->architecture = 2;
#else
    file->architecture = 1;
#endif
    file->task_self = mach_task_self_;
    file->capacity = capacity;
    file->pid = (uint64_t)getpid();
    file->started_ns = now_ns();
    file->started_ticks = ticks();
    file->tick_numer = file->tick_denom = 1;
#if defined(__APPLE__)
    {
        mach_timebase_info_data_t base;
        (void)mach_timebase_info(&base);
        file->tick_numer = base.numer;
        file->tick_denom = base.denom;
    }
#endif
    memcpy(file->magic, "PALEDGR1", sizeof file->magic);
    notes = (char *)(file + 1);
    events = (struct event *)(void *)(notes + NOTES_SIZE);
    atomic_store(&room, 0);
    atomic_store(&claimed, 0);
    ledger = file;
    note_functions();
    note_images();
}

/* The child of a fork has a port space of its own: its rights do not belong into its parent's ledger. */
static void in_child(void)
{
    if (ledger == NULL)
        return;
    ledger = NULL;
    set_guard(NULL);
#if !defined(__APPLE__)
    mine.id = 0;
#endif
    start();
}

__attribute__((constructor)) static void first(void)
{
#if defined(__APPLE__)
    if (pthread_key_create(&guard_key, NULL) != 0)
        return;
#endif
    start();
    if (ledger != NULL)
        (void)pthread_atfork(NULL, NULL, in_child);
}

__attribute__((destructor)) static void last(void)
{
    if (ledger != NULL)
        atomic_store(&ledger->ended_ns, now_ns());
}
