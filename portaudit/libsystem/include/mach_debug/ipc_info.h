/* What <mach_debug/ipc_info.h> has on a Mac, and the calls that answer with it. */
#ifndef PORTAUDIT_LIBSYSTEM_IPC_INFO_H
#define PORTAUDIT_LIBSYSTEM_IPC_INFO_H
#include <mach/mach.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    natural_t iis_genno_mask, iis_table_size, iis_table_next, iis_tree_size, iis_tree_small, iis_tree_hash;
} ipc_info_space_t;
typedef struct {
    natural_t iisb_genno_mask, iisb_table_size, iisb_table_next, iisb_table_inuse, iisb_reserved[2];
} ipc_info_space_basic_t;
typedef struct {
    mach_port_name_t iin_name;
    integer_t iin_collision;
    mach_port_type_t iin_type;
    mach_port_urefs_t iin_urefs;
    natural_t iin_object, iin_next, iin_hash;
} ipc_info_name_t;
typedef struct {
    ipc_info_name_t iitn_name;
    mach_port_name_t iitn_lchild, iitn_rchild;
} ipc_info_tree_name_t;

kern_return_t mach_port_space_info(ipc_space_t space, ipc_info_space_t *space_info, ipc_info_name_t **table_info,
                                   mach_msg_type_number_t *table_infoCnt, ipc_info_tree_name_t **tree_info,
                                   mach_msg_type_number_t *tree_infoCnt);
kern_return_t mach_port_space_basic_info(ipc_space_t task, ipc_info_space_basic_t *basic_info);
kern_return_t mach_port_kobject_description(ipc_space_t task, mach_port_name_t name, natural_t *object_type,
                                            mach_vm_address_t *object_addr, char *description);

#ifdef __cplusplus
}
#endif
#endif
