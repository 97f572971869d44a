/* The transfer as a library: its kernel, its process and its XPC are the test's. */
#include "stand_in.c"

#include "transfer.h"

xpc_object_t (*xpc_dictionary_create)(const char *const *keys, const xpc_object_t *values, size_t count);
void (*xpc_dictionary_set_mach_send)(xpc_object_t dictionary, const char *key, mach_port_t port);
mach_port_t (*xpc_dictionary_copy_mach_send)(xpc_object_t dictionary, const char *key);
xpc_object_t (*xpc_connection_send_message_with_reply_sync)(xpc_connection_t connection, xpc_object_t message);
void (*xpc_release)(xpc_object_t object);

static struct play giver, taker;

static int answered(xpc_object_t answer)
{
    return answer != NULL;
}

int stand_in_host(const char *folder, unsigned rounds);
int stand_in_host(const char *folder, unsigned rounds)
{
    memset(&giver, 0, sizeof giver);
    giver.folder = folder;
    giver.rounds = rounds;
    giver.role = "host";
    return host(&giver, NULL);
}

void stand_in_extension(const char *folder, unsigned rounds, int leaks, int alone);
void stand_in_extension(const char *folder, unsigned rounds, int leaks, int alone)
{
    memset(&taker, 0, sizeof taker);
    taker.folder = folder;
    taker.rounds = rounds;
    taker.leaks = leaks;
    taker.keeps_first = alone;
    taker.role = alone ? "extension" : NULL;
    taker.port = alone ? MACH_PORT_NULL : mach_task_self_;
}

int stand_in_serve(xpc_object_t parcel);
int stand_in_serve(xpc_object_t parcel)
{
    const char *moment = serve(&taker, parcel);
    if (moment != NULL)
        record(&taker, moment);
    return taker.error;
}
