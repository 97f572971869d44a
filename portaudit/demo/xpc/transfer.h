/*
 * transfer.h: a port handed over by XPC, with the port's user references counted at each step.
 *
 * SPDX-License-Identifier: MIT
 *
 * The audit's half of the program: it makes five calls of XPC (create, set, send, copy, release) and leaves
 * connections and listeners to transfer.c. Each step is a line of FOLDER/steps, "ROUND WHO STEP REFERENCES";
 * the port space before the first and after the last counted round is a probe record in FOLDER.
 *
 * The host sends dictionaries: one with the port is a transfer, an empty one asks the extension to look at
 * its references once more, for the dictionary of the transfer lives as long as its handler runs.
 */
#ifndef PORTAUDIT_XPC_TRANSFER_H
#define PORTAUDIT_XPC_TRANSFER_H

#include "portaudit_probe.h"

#include <stdio.h>
#include <xpc/xpc.h>

#define KEY "task"

struct play {
    const char *folder;
    const char *role;      /* who writes this process's records */
    unsigned rounds;       /* how many transfers are counted, behind one that warms up */
    int leaks;             /* whether the extension forgets mach_port_deallocate */
    int keeps_first;       /* whether it keeps the warm-up's reference, so that the name stays the same */
    unsigned round;        /* the host's, or the extension's own count of transfers */
    int to_look;           /* whether the extension has still to look again after a transfer */
    mach_port_name_t port; /* the port's name here, once it is known */
    int error;             /* the first errno */
};

/* Whether an answer is one, and not XPC's word for a connection that is gone. */
static int answered(xpc_object_t answer);

static void fail(struct play *play, int error)
{
    if (play->error == 0)
        play->error = error;
}

static int open_beside(struct play *play, const char *name, int flags)
{
    char path[1024];
    int length = snprintf(path, sizeof path, "%s/%s", play->folder, name);
    int fd = -1;
    errno = ENAMETOOLONG;
    if (length > 0 && (size_t)length < sizeof path)
        fd = open(path, flags | O_CREAT | O_WRONLY, 0600);
    if (fd < 0)
        fail(play, errno);
    return fd;
}

/* How many references the port's name has here; 0 if there is no such name. */
static unsigned references(struct play *play)
{
    mach_port_urefs_t count = 0;
    if (mach_port_get_refs(mach_task_self_, play->port, MACH_PORT_RIGHT_SEND, &count) != KERN_SUCCESS)
        return 0;
    return (unsigned)count;
}

/* Write one line at once, for the other process writes there too. */
static void tell(struct play *play, const char *who, const char *step, unsigned count)
{
    char line[128];
    int length, fd;
    if (play->port == MACH_PORT_NULL)
        return; /* not known yet */
    length = snprintf(line, sizeof line, "%u %s %s %u\n", play->round, who, step, count);
    fd = open_beside(play, "steps", O_APPEND);
    if (fd < 0)
        return;
    if (write(fd, line, (size_t)length) != length)
        fail(play, errno);
    (void)close(fd);
}

static void record(struct play *play, const char *moment)
{
    char name[64];
    int fd;
    if (play->role == NULL)
        return;
    (void)snprintf(name, sizeof name, "%s-%s.json", play->role, moment);
    fd = open_beside(play, name, O_TRUNC);
    if (fd < 0)
        return;
    fail(play, portaudit_probe_write(fd, play->role));
    (void)close(fd);
}

/* ---- the extension ---- */

static void take(struct play *play, mach_port_name_t port, unsigned received)
{
    tell(play, "extension", "received", received);
    play->port = port;
    tell(play, "extension", "copied", references(play));
    if (play->round == 0 ? play->keeps_first : play->leaks)
        return;
    (void)mach_port_deallocate(mach_task_self_, port);
    tell(play, "extension", "deallocated", references(play));
}

/* Deal with a dictionary. Gives the moment that is to be recorded once it has been answered, or NULL. */
static const char *serve(struct play *play, xpc_object_t parcel)
{
    unsigned received = references(play);
    mach_port_name_t port = xpc_dictionary_copy_mach_send(parcel, KEY);
    if (port != MACH_PORT_NULL) {
        take(play, port, received);
        play->to_look = 1;
        return NULL;
    }
    if (!play->to_look)
        return NULL;
    tell(play, "extension", "gone", received);
    play->to_look = 0;
    play->round++;
    return play->round == 1 ? "before" : play->round == play->rounds + 1 ? "after" : NULL;
}

/* ---- the host ---- */

static void ask(struct play *play, xpc_connection_t extension, xpc_object_t parcel)
{
    xpc_object_t answer = xpc_connection_send_message_with_reply_sync(extension, parcel);
    if (!answered(answer))
        fail(play, EPIPE);
    xpc_release(answer);
}

static void hand_over(struct play *play, xpc_connection_t extension)
{
    xpc_object_t parcel = xpc_dictionary_create(NULL, NULL, 0);
    tell(play, "host", "before", references(play));
    xpc_dictionary_set_mach_send(parcel, KEY, play->port);
    tell(play, "host", "set", references(play));
    ask(play, extension, parcel);
    tell(play, "host", "sent", references(play));
    xpc_release(parcel);
    tell(play, "host", "gone", references(play));
}

static void let_look(struct play *play, xpc_connection_t extension)
{
    xpc_object_t nothing = xpc_dictionary_create(NULL, NULL, 0);
    ask(play, extension, nothing);
    xpc_release(nothing);
}

/* Hand the own task port over, round after round; gives 0 or an errno, EPIPE for no answer. */
static int host(struct play *play, xpc_connection_t extension)
{
    play->port = mach_task_self_;
    for (play->round = 0; play->round <= play->rounds && play->error == 0; play->round++) {
        hand_over(play, extension);
        let_look(play, extension);
        if (play->round != 0 && play->round != play->rounds)
            continue;
        let_look(play, extension); /* answered once the extension's record is written */
        record(play, play->round == 0 ? "before" : "after");
    }
    return play->error;
}

#endif
