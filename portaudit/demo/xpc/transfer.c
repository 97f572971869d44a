/*
 * transfer.c: hands its task port over by XPC, as an app does to its extension, and counts references.
 *
 * SPDX-License-Identifier: MIT
 *
 *     transfer loop-back FOLDER ROUNDS clean|leak        one process, over an anonymous listener
 *     transfer host SERVICE FOLDER ROUNDS                two processes: this one hands over, and ...
 *     transfer extension SERVICE FOLDER ROUNDS clean|leak    ... this one, which launchd starts, receives
 *
 * Build: cc -I PROBE transfer.c -o transfer, where PROBE holds portaudit_probe.h. No entitlement, no signing.
 * Exit status: 0, 1 after an error told on standard error, 2 for wrong arguments.
 */
#include "transfer.h"

#include <dispatch/dispatch.h>

static int answered(xpc_object_t answer)
{
    return xpc_get_type(answer) == XPC_TYPE_DICTIONARY;
}

static void answer(struct play *play, xpc_connection_t peer, xpc_object_t parcel)
{
    const char *moment = serve(play, parcel);
    xpc_object_t reply = xpc_dictionary_create_reply(parcel);
    if (reply != NULL) {
        xpc_connection_send_message(peer, reply);
        xpc_release(reply);
    }
    if (moment != NULL)
        record(play, moment);
}

/* Serve whoever connects, one dictionary after the other. */
static void listen_for(struct play *play, xpc_connection_t listener)
{
    xpc_connection_set_event_handler(listener, ^(xpc_object_t event) {
        xpc_connection_t peer;
        if (xpc_get_type(event) != XPC_TYPE_CONNECTION)
            return;
        peer = (xpc_connection_t)xpc_retain(event); /* for the handler, as long as the process lives */
        xpc_connection_set_event_handler(peer, ^(xpc_object_t parcel) {
            if (xpc_get_type(parcel) == XPC_TYPE_DICTIONARY)
                answer(play, peer, parcel);
        });
        xpc_connection_resume(peer);
    });
    xpc_connection_resume(listener);
}

static int play_host(struct play *play, xpc_connection_t extension)
{
    xpc_connection_set_event_handler(extension, ^(xpc_object_t event) {
        (void)event;
    });
    xpc_connection_resume(extension);
    return host(play, extension);
}

static int told(const char *who, int error)
{
    if (error != 0)
        (void)fprintf(stderr, "transfer: the %s: %s\n", who,
                      error == EPIPE ? "no answer by XPC" : strerror(error));
    return error != 0;
}

static int play_loop_back(const char *folder, unsigned rounds, int leaks)
{
    static struct play giver, taker;
    dispatch_queue_t queue = dispatch_queue_create("portaudit.extension", NULL);
    xpc_connection_t listener = xpc_connection_create(NULL, queue);
    giver.folder = taker.folder = folder;
    giver.rounds = taker.rounds = rounds;
    giver.role = "host";
    taker.leaks = leaks;
    taker.port = mach_task_self_;
    listen_for(&taker, listener);
    return told("host", play_host(&giver, xpc_connection_create_from_endpoint(xpc_endpoint_create(listener)))) ||
           told("extension", taker.error);
}

static int play_extension(const char *service, const char *folder, unsigned rounds, int leaks)
{
    static struct play taker;
    dispatch_queue_t queue = dispatch_queue_create("portaudit.extension", NULL);
    taker.folder = folder;
    taker.rounds = rounds;
    taker.role = "extension";
    taker.leaks = leaks;
    taker.keeps_first = 1;
    listen_for(&taker, xpc_connection_create_mach_service(service, queue, XPC_CONNECTION_MACH_SERVICE_LISTENER));
    dispatch_main();
}

int main(int count, char **words)
{
    int leaks = count > 2 && strcmp(words[count - 1], "leak") == 0;
    if (count == 5 && strcmp(words[1], "loop-back") == 0)
        return play_loop_back(words[2], (unsigned)strtoul(words[3], NULL, 10), leaks);
    if (count == 5 && strcmp(words[1], "host") == 0) {
        static struct play giver;
        giver.folder = words[3];
        giver.rounds = (unsigned)strtoul(words[4], NULL, 10);
        giver.role = "host";
        return told("host", play_host(&giver, xpc_connection_create_mach_service(words[2], NULL, 0)));
    }
    if (count == 6 && strcmp(words[1], "extension") == 0)
        return play_extension(words[2], words[3], (unsigned)strtoul(words[4], NULL, 10), leaks);
    (void)fprintf(stderr, "usage: transfer loop-back FOLDER ROUNDS clean|leak\n"
                          "       transfer host SERVICE FOLDER ROUNDS\n"
                          "       transfer extension SERVICE FOLDER ROUNDS clean|leak\n");
    return 2;
}
