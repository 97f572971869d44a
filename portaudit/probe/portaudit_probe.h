/*
 * portaudit_probe.h: a process audits its own Mach port rights. macOS and iOS; C99, C++, Objective-C, Swift.
 *
 * SPDX-License-Identifier: MIT
 * Copyright (c) the portaudit maintainers. Use, copy, change and ship it freely; there is no warranty.
 *
 * Drop this file into a host app, an extension or an XPC service (for Swift: into the bridging header).
 * Nothing else is needed, and nothing is compiled in unless you call it.
 *
 *     int portaudit_probe_write(int fd, const char *role);
 *
 * writes to `fd` what `lsmp` would say of this process, as a probe record: JSON that every portaudit command
 * reads (`portaudit diff before.json after.json`). `role` is "host", "extension", or NULL for neither.
 * It returns 0, or an errno: what write(2) said; ENOMEM if the kernel was short of it; EIO if the kernel
 * refused to show the space, in which case nothing has been written.
 *
 *  - It needs no entitlement, and asks no other process.
 *  - It adds no user reference to any right, and gives back the memory that the kernel lends.
 *  - The whole space is read at one moment, in one mach_port_space_info. What it does not tell (kinds of
 *    kernel objects, queues of receive rights) is asked for while the record is written, and is null for a
 *    name that has gone meanwhile. So give it a file, or a pipe that somebody reads.
 *  - It allocates no memory and no port. One thing it cannot avoid: a thread that makes a Mach call for the
 *    first time gets a reply port from libSystem, one more receive right. That happens before the space is
 *    read; a thread that writes one record before and one after sees the same reply port in both.
 *  - Any thread may call it, several at once too, each with an `fd` of its own. Not from a signal handler.
 *  - A non-blocking `fd` is waited for. A pipe that nobody reads any more raises SIGPIPE, as in any write;
 *    ignore that signal and EPIPE comes back.
 *
 *     int portaudit_mark(const char *moment, unsigned round);
 *
 * tells `portaudit run` that the program has come to a moment that is to be audited ("before", "after",
 * "round"), and waits until the audit has been done, so that the moment is exact. Without an audit (no
 * PORTAUDIT_MARKS in the environment) it does nothing and returns 0 at once.
 *
 *     portaudit_mark("extension", (unsigned)pid);
 *
 * tells a run that has started this host which process its extension is (xpc_connection_get_pid()). Say it
 * before "before". An XPC service or an app extension is launchd's child: PORTAUDIT_MARKS does not reach it,
 * so let the host say the marks, which read both spaces; or send the value in the first message, and call
 * setenv() in the service.
 *
 * On the wire: PORTAUDIT_MARKS is the path of a Unix-domain stream socket. A mark connects, writes one line,
 * reads one line, and closes. The line is the moment, and behind a blank the round unless that is 0:
 * "before", "after", "round 3", "extension 4243". The answer is "ok" once the space has been read; with anything else the
 * audit has given up, and ECANCELED is returned. ECONNRESET: the auditor went away without an answer.
 * EINVAL: the moment is empty, longer than 32 bytes, or has a blank or control character in it.
 *
 * Names that end in an underscore are this file's own.
 */
#ifndef PORTAUDIT_PROBE_H
#define PORTAUDIT_PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <mach/mach.h>
#include <mach_debug/ipc_info.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- writing: a buffer on the stack, JSON, and the first error kept ---- */

struct portaudit_out_ {
    int fd;
    int error;
    size_t used;
    char bytes[4096];
};

static inline int portaudit_wait_(int fd)
{
    struct pollfd ready;
    ready.fd = fd;
    ready.events = POLLOUT;
    ready.revents = 0;
    return poll(&ready, 1, -1) < 0 && errno != EINTR ? errno : 0;
}

static inline void portaudit_flush_(struct portaudit_out_ *out)
{
    size_t done = 0;
    while (out->error == 0 && done < out->used) {
        ssize_t written = write(out->fd, out->bytes + done, out->used - done);
        if (written > 0)
            done += (size_t)written;
        else if (written == 0)
            out->error = EIO;
        else if (errno == EAGAIN)
            out->error = portaudit_wait_(out->fd);
        else if (errno != EINTR)
            out->error = errno;
    }
    out->used = 0;
}

static inline void portaudit_bytes_(struct portaudit_out_ *out, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t room = sizeof out->bytes - out->used;
        size_t part = length < room ? length : room;
        memcpy(out->bytes + out->used, bytes, part);
        out->used += part;
        bytes += part;
        length -= part;
        if (out->used == sizeof out->bytes)
            portaudit_flush_(out);
    }
}

static inline void portaudit_text_(struct portaudit_out_ *out, const char *text)
{
    portaudit_bytes_(out, text, strlen(text));
}

static inline void portaudit_number_(struct portaudit_out_ *out, unsigned long long number)
{
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    portaudit_bytes_(out, digits + first, sizeof digits - first);
}

/* Seconds since 1970, to the microsecond, as psutil and the kernel give a process's start. */
static inline void portaudit_time_(struct portaudit_out_ *out, struct timeval moment)
{
    unsigned long long digit;
    portaudit_number_(out, (unsigned long long)moment.tv_sec);
    portaudit_text_(out, ".");
    for (digit = 100000; digit > 0; digit /= 10)
        portaudit_number_(out, (unsigned long long)moment.tv_usec / digit % 10);
}

/* How many bytes the UTF-8 sequence at `text` has; 0 if it is none: RFC 3629, section 4. */
static inline size_t portaudit_utf8_(const unsigned char *text)
{
    unsigned char first = text[0], low = 0x80, high = 0xBF;
    size_t length, at;
    if (first >= 0xC2 && first <= 0xDF)
        length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (text[1] < low || text[1] > high)
        return 0;
    for (at = 2; at < length; at++)
        if ((text[at] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* One character of a JSON string; gives the number of bytes that it took. */
static inline size_t portaudit_character_(struct portaudit_out_ *out, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)*text;
    size_t length = 1;
    if (byte == '"' || byte == '\\')
        portaudit_text_(out, "\\");
    if (byte >= 0x80)
        length = portaudit_utf8_((const unsigned char *)text);
    if (byte < 0x20 || byte == 0x7F) {
        portaudit_text_(out, "\\u00");
        portaudit_bytes_(out, &hex[byte >> 4], 1);
        portaudit_bytes_(out, &hex[byte & 15], 1);
    } else if (length == 0) {
        portaudit_text_(out, "\\ufffd");
        length = 1;
    } else {
        portaudit_bytes_(out, text, length);
    }
    return length;
}

static inline void portaudit_string_(struct portaudit_out_ *out, const char *text)
{
    if (text == NULL) {
        portaudit_text_(out, "null");
        return;
    }
    portaudit_text_(out, "\"");
    while (*text != '\0')
        text += portaudit_character_(out, text);
    portaudit_text_(out, "\"");
}

/* ---- who this process is ---- */

static inline void portaudit_sysctl_(struct portaudit_out_ *out, const char *name)
{
    char text[256];
    size_t size = sizeof text - 1;
    if (sysctlbyname(name, text, &size, NULL, 0) != 0 || size == 0) {
        portaudit_string_(out, NULL);
        return;
    }
    text[size] = '\0';
    portaudit_string_(out, text);
}

static inline void portaudit_started_(struct portaudit_out_ *out)
{
    int name[4] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, 0};
    struct kinfo_proc process;
    size_t size = sizeof process;
    name[3] = (int)getpid();
    if (sysctl(name, 4, &process, &size, NULL, 0) != 0 || size < sizeof process)
        portaudit_string_(out, NULL);
    else
        portaudit_time_(out, process.kp_proc.p_starttime);
}

static inline void portaudit_head_(struct portaudit_out_ *out, const char *role, struct timeval taken)
{
    portaudit_text_(out, "{\"portaudit_probe\": 1, \"pid\": ");
    portaudit_number_(out, (unsigned long long)getpid());
    portaudit_text_(out, ", \"process\": ");
    portaudit_string_(out, getprogname());
    portaudit_text_(out, ", \"start_time\": ");
    portaudit_started_(out);
    portaudit_text_(out, ", \"role\": ");
    portaudit_string_(out, role);
    portaudit_text_(out, ", \"taken\": ");
    portaudit_time_(out, taken);
    portaudit_text_(out, ", \"boot\": ");
    portaudit_sysctl_(out, "kern.bootsessionuuid");
    portaudit_text_(out, ", \"os\": ");
    portaudit_sysctl_(out, "kern.osversion");
    portaudit_text_(out, ", \"model\": ");
    portaudit_sysctl_(out, "hw.model");
    portaudit_text_(out, ", \"kernel\": \"xnu\", \"task_self\": ");
    portaudit_number_(out, mach_task_self_);
    portaudit_text_(out, ", \"method\": \"mach_port_space_info\",\n\"columns\": [\"name\", \"type\", \"urefs\", "
                         "\"object\", \"kobject_type\", \"description\", \"queued\", \"queue_limit\", "
                         "\"make_send\", \"send_once\", \"has_senders\", \"no_senders_request\", "
                         "\"port_destroyed_request\", \"in_set\", \"flags\"],\n\"rows\": [");
}

/* ---- the rows ---- */

/* What the kernel keeps behind the object that was asked about last. */
struct portaudit_kind_ {
    natural_t object;
    int known;
    natural_t type;
    char text[512];
};

#ifdef __cplusplus
}
/* SDK 27 made the type an enumeration; C++ does not let a natural_t stand for it, as C does. */
template <typename Type>
static inline kern_return_t portaudit_ask_(
    kern_return_t (*kobject)(ipc_space_t, mach_port_name_t, Type *, mach_vm_address_t *, char *),
    mach_port_name_t name, struct portaudit_kind_ *kind)
{
    mach_vm_address_t address = 0;
    Type type = Type();
    kern_return_t code = kobject(mach_task_self_, name, &type, &address, kind->text);
    kind->type = static_cast<natural_t>(type);
    return code;
}
extern "C" {
#else
static inline kern_return_t portaudit_ask_(
    kern_return_t (*kobject)(ipc_space_t, mach_port_name_t, natural_t *, mach_vm_address_t *, char *),
    mach_port_name_t name, struct portaudit_kind_ *kind)
{
    mach_vm_address_t address = 0;
    return kobject(mach_task_self_, name, &kind->type, &address, kind->text);
}
#endif

/* Only a send or receive right tells what is behind it: XNU osfmk/ipc/mach_debug.c:489. */
static inline int portaudit_askable_(const ipc_info_name_t *row)
{
    return (row->iin_type & MACH_PORT_TYPE_SEND_RECEIVE) != 0;
}

static inline void portaudit_learn_(struct portaudit_kind_ *kind, const ipc_info_name_t *row)
{
    if (row->iin_object != 0 && row->iin_object == kind->object)
        return;
    kind->object = row->iin_object;
    kind->text[0] = '\0';
    kind->known = portaudit_askable_(row) &&
                  portaudit_ask_(mach_port_kobject_description, row->iin_name, kind) == KERN_SUCCESS;
    kind->text[sizeof kind->text - 1] = '\0';
}

/* Newer systems say IPC_OTYPE_UNKNOWN, ~0, of a port without kernel object, where older ones say 0. */
static inline natural_t portaudit_type_(const struct portaudit_kind_ *kind)
{
    return kind->type == (natural_t)~0U ? 0 : kind->type;
}

/* By object, and there first who can be asked, so that one question serves all names of an object. */
static inline int portaudit_order_(const ipc_info_name_t *one, const ipc_info_name_t *other)
{
    if (one->iin_object != other->iin_object)
        return one->iin_object < other->iin_object ? -1 : 1;
    if (portaudit_askable_(one) != portaudit_askable_(other))
        return portaudit_askable_(one) ? -1 : 1;
    return one->iin_name < other->iin_name ? -1 : one->iin_name > other->iin_name;
}

/* Let the row at `top` sink to where no row below it comes after it: the heap of heapsort. */
static inline void portaudit_sink_(ipc_info_name_t *rows, size_t top, size_t count)
{
    ipc_info_name_t sinking = rows[top];
    size_t below;
    while ((below = 2 * top + 1) < count) {
        if (below + 1 < count && portaudit_order_(&rows[below], &rows[below + 1]) < 0)
            below++;
        if (portaudit_order_(&sinking, &rows[below]) >= 0)
            break;
        rows[top] = rows[below];
        top = below;
    }
    rows[top] = sinking;
}

/* In place, and in no more memory: the C library's qsort may allocate (Libc-1725, FreeBSD/heapsort.c:159). */
static inline void portaudit_sort_(ipc_info_name_t *rows, size_t count)
{
    size_t top;
    for (top = count / 2; top-- > 0;)
        portaudit_sink_(rows, top, count);
    while (count-- > 1) {
        ipc_info_name_t last = rows[0];
        rows[0] = rows[count];
        rows[count] = last;
        portaudit_sink_(rows, 0, count);
    }
}

static inline void portaudit_cell_(struct portaudit_out_ *out, int known, natural_t number)
{
    portaudit_text_(out, ", ");
    if (known)
        portaudit_number_(out, number);
    else
        portaudit_string_(out, NULL);
}

static inline void portaudit_truth_(struct portaudit_out_ *out, int known, int truth)
{
    portaudit_text_(out, known ? truth ? ", true" : ", false" : ", null");
}

static inline void portaudit_queue_(struct portaudit_out_ *out, const ipc_info_name_t *row)
{
    mach_port_status_t status;
    mach_msg_type_number_t words = sizeof status / sizeof(natural_t);
    int known;
    memset(&status, 0, sizeof status);
    known = (row->iin_type & MACH_PORT_TYPE_RECEIVE) != 0 &&
            mach_port_get_attributes(mach_task_self_, row->iin_name, MACH_PORT_RECEIVE_STATUS,
                                     (integer_t *)&status, &words) == KERN_SUCCESS &&
            words == sizeof status / sizeof(natural_t);
    portaudit_cell_(out, known, status.mps_msgcount);
    portaudit_cell_(out, known, status.mps_qlimit);
    portaudit_cell_(out, known, status.mps_mscount);
    portaudit_cell_(out, known, status.mps_sorights);
    portaudit_truth_(out, known, status.mps_srights != 0);
    portaudit_truth_(out, known, status.mps_nsrequest != 0);
    portaudit_truth_(out, known, status.mps_pdrequest != 0);
    portaudit_truth_(out, known, status.mps_pset != 0);
    portaudit_cell_(out, known, status.mps_flags);
}

static inline void portaudit_row_(struct portaudit_out_ *out, const ipc_info_name_t *row,
                                  const struct portaudit_kind_ *kind)
{
    portaudit_text_(out, "\n[");
    portaudit_number_(out, row->iin_name);
    portaudit_cell_(out, 1, row->iin_type);
    portaudit_cell_(out, 1, row->iin_urefs);
    portaudit_cell_(out, row->iin_object != 0, row->iin_object);
    portaudit_cell_(out, kind->known, portaudit_type_(kind));
    portaudit_text_(out, ", ");
    portaudit_string_(out, kind->known && kind->text[0] != '\0' ? kind->text : NULL);
    portaudit_queue_(out, row);
    portaudit_text_(out, "]");
}

static inline void portaudit_rows_(struct portaudit_out_ *out, ipc_info_name_t *rows, size_t count)
{
    struct portaudit_kind_ kind;
    const char *between = "";
    size_t at;
    memset(&kind, 0, sizeof kind);
    portaudit_sort_(rows, count);
    for (at = 0; at < count && out->error == 0; at++) {
        if ((rows[at].iin_type & MACH_PORT_TYPE_ALL_RIGHTS) == 0)
            continue; /* a free slot */
        portaudit_learn_(&kind, &rows[at]);
        portaudit_text_(out, between);
        portaudit_row_(out, &rows[at], &kind);
        between = ",";
    }
}

static inline int portaudit_errno_(kern_return_t code)
{
    switch (code) {
    case KERN_SUCCESS:
        return 0;
    case KERN_NO_SPACE:
    case KERN_RESOURCE_SHORTAGE:
        return ENOMEM;
    default:
        return EIO;
    }
}

static inline int portaudit_give_back_(void *lent, size_t size)
{
    return lent == NULL ? 0 : portaudit_errno_(vm_deallocate(mach_task_self_, (vm_address_t)lent, size));
}

static inline int portaudit_probe_write(int fd, const char *role)
{
    ipc_info_space_basic_t basic;
    ipc_info_space_t space;
    ipc_info_name_t *rows = NULL;
    ipc_info_tree_name_t *tree = NULL;
    mach_msg_type_number_t count = 0, tree_count = 0;
    struct portaudit_out_ out;
    struct timeval taken;
    int error;

    out.fd = fd;
    out.error = 0;
    out.used = 0;
    /* Whatever it answers: now this thread has its reply port, before the space is read. */
    (void)mach_port_space_basic_info(mach_task_self_, &basic);
    (void)gettimeofday(&taken, NULL);
    error = portaudit_errno_(
        mach_port_space_info(mach_task_self_, &space, &rows, &count, &tree, &tree_count));
    if (error != 0)
        return error;
    portaudit_head_(&out, role, taken);
    portaudit_rows_(&out, rows, count);
    portaudit_text_(&out, "\n]}\n");
    portaudit_flush_(&out);
    error = portaudit_give_back_(rows, count * sizeof *rows);
    if (error == 0)
        error = portaudit_give_back_(tree, tree_count * sizeof *tree);
    return out.error != 0 ? out.error : error;
}

/* ---- marks ---- */

static inline int portaudit_marks_connect_(const char *path, int *fd)
{
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    *fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (*fd < 0)
        return errno;
    (void)fcntl(*fd, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    {
        int on = 1;
        (void)setsockopt(*fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
#endif
    while (connect(*fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EISCONN)
        if (errno != EINTR)
            return errno;
    return 0;
}

static inline int portaudit_marks_answer_(int fd)
{
    char answer[4];
    size_t length = 0;
    while (length < sizeof answer) {
        ssize_t got = read(fd, answer + length, 1);
        if (got == 0)
            return ECONNRESET;
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0 && answer[length++] == '\n')
            break;
    }
    return length == 3 && memcmp(answer, "ok\n", 3) == 0 ? 0 : ECANCELED;
}

static inline int portaudit_marks_say_(int fd, const char *moment, unsigned round)
{
    struct portaudit_out_ out;
    out.fd = fd;
    out.error = 0;
    out.used = 0;
    portaudit_text_(&out, moment);
    if (round != 0) {
        portaudit_text_(&out, " ");
        portaudit_number_(&out, round);
    }
    portaudit_text_(&out, "\n");
    portaudit_flush_(&out);
    return out.error;
}

static inline int portaudit_mark(const char *moment, unsigned round)
{
    const char *path = getenv("PORTAUDIT_MARKS");
    size_t at;
    int fd = -1, error;

    if (moment == NULL || moment[0] == '\0' || strlen(moment) > 32)
        return EINVAL;
    for (at = 0; moment[at] != '\0'; at++)
        if ((unsigned char)moment[at] <= ' ' || moment[at] == 0x7F)
            return EINVAL;
    if (path == NULL || path[0] == '\0')
        return 0;
    error = portaudit_marks_connect_(path, &fd);
    if (error == 0)
        error = portaudit_marks_say_(fd, moment, round);
    if (error == 0)
        error = portaudit_marks_answer_(fd);
    if (fd >= 0)
        (void)close(fd);
    return error;
}

#ifdef __cplusplus
}
#endif

#endif
