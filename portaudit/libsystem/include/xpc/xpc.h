/* As much of <xpc/xpc.h> as hands over rights: a dictionary here is a pointer to the name that it holds. */
#ifndef PORTAUDIT_LIBSYSTEM_XPC_H
#define PORTAUDIT_LIBSYSTEM_XPC_H
#include <mach/mach.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void *xpc_object_t;
mach_port_t xpc_dictionary_copy_mach_send(xpc_object_t xdict, const char *key);

#ifdef __cplusplus
}
#endif
#endif
