/* The five calls of XPC that the audit's half of the transfer makes; who answers is the test's. */
#ifndef STAND_IN_XPC_H
#define STAND_IN_XPC_H

#include <stddef.h>

#ifndef MACH_PORT_NULL
#define MACH_PORT_NULL 0u
#endif

typedef void *xpc_object_t;
typedef struct stand_in_connection *xpc_connection_t;

extern xpc_object_t (*xpc_dictionary_create)(const char *const *keys, const xpc_object_t *values, size_t count);
extern void (*xpc_dictionary_set_mach_send)(xpc_object_t dictionary, const char *key, mach_port_t port);
extern mach_port_t (*xpc_dictionary_copy_mach_send)(xpc_object_t dictionary, const char *key);
extern xpc_object_t (*xpc_connection_send_message_with_reply_sync)(xpc_connection_t connection,
                                                                   xpc_object_t message);
extern void (*xpc_release)(xpc_object_t object);

#endif
