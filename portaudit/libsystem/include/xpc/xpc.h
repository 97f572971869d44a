/* As much of <xpc/xpc.h> as hands over rights: a dictionary here holds one right, whatever its key. */
#ifndef PORTAUDIT_LIBSYSTEM_XPC_H
#define PORTAUDIT_LIBSYSTEM_XPC_H
#include <mach/mach.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void *xpc_object_t;
xpc_object_t xpc_dictionary_create(const char *const *keys, const xpc_object_t *values, size_t count);
void xpc_dictionary_set_mach_send(xpc_object_t xdict, const char *key, mach_port_t p);
mach_port_t xpc_dictionary_copy_mach_send(xpc_object_t xdict, const char *key);
void xpc_release(xpc_object_t object);

#ifdef __cplusplus
}
#endif
#endif
