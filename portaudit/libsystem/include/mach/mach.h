/*
 * Mach for C programs on a machine without Mach: what libsystem.c beside it offers, in Apple's names and layouts.
 * Compile with -I this folder; on a Mac the SDK's own <mach/mach.h> is used instead.
 */
#ifndef PORTAUDIT_LIBSYSTEM_MACH_H
#define PORTAUDIT_LIBSYSTEM_MACH_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t natural_t, mach_port_t, mach_port_name_t, mach_port_right_t, mach_port_type_t, mach_port_urefs_t;
typedef uint32_t ipc_space_t, task_t, task_read_t, task_inspect_t, task_name_t, task_suspension_token_t, task_id_token_t;
typedef uint32_t thread_t, thread_act_t, thread_read_t, thread_inspect_t, host_t, host_priv_t, processor_t;
typedef uint32_t processor_set_t, processor_set_name_t, semaphore_t, clock_serv_t, io_main_t, ipc_voucher_t;
typedef uint32_t vm_map_t, mem_entry_name_port_t, exception_handler_t;
typedef uint32_t mach_msg_bits_t, mach_msg_size_t, mach_msg_type_name_t, mach_msg_type_number_t, mach_msg_timeout_t;
typedef uint32_t mach_port_mscount_t, mach_task_flavor_t, task_flavor_t, exception_mask_t, mach_voucher_selector_t;
typedef int32_t integer_t, kern_return_t, mach_msg_return_t, mach_msg_option_t, mach_msg_id_t, mach_port_delta_t;
typedef int32_t mach_port_flavor_t, clock_id_t, vm_prot_t, exception_behavior_t, thread_state_flavor_t;
typedef uint64_t mach_port_context_t, mach_vm_address_t, memory_object_size_t, memory_object_offset_t;
typedef uintptr_t vm_address_t, vm_offset_t, vm_size_t;
typedef mach_port_t *mach_port_array_t, *thread_act_array_t, *task_array_t, *processor_array_t, *processor_set_name_array_t;
typedef exception_mask_t *exception_mask_array_t;
typedef exception_handler_t *exception_handler_array_t;
typedef exception_behavior_t *exception_behavior_array_t;
typedef thread_state_flavor_t *exception_flavor_array_t;
typedef natural_t *thread_state_t;
typedef integer_t *mach_port_info_t;
typedef uint8_t *mach_voucher_attr_raw_recipe_array_t;
typedef char kobject_description_t[512];

typedef struct {
    mach_msg_bits_t msgh_bits;
    mach_msg_size_t msgh_size;
    mach_port_t msgh_remote_port, msgh_local_port;
    mach_port_name_t msgh_voucher_port;
    mach_msg_id_t msgh_id;
} mach_msg_header_t;
typedef struct {
    mach_msg_size_t msgh_descriptor_count;
} mach_msg_body_t;
#pragma pack(push, 4)
typedef struct {
    mach_port_t name;
    mach_msg_size_t pad1;
    unsigned int pad2 : 16;
    mach_msg_type_name_t disposition : 8;
    unsigned int type : 8;
} mach_msg_port_descriptor_t;
typedef struct {
    void *address;
    unsigned int deallocate : 8, copy : 8;
    mach_msg_type_name_t disposition : 8;
    unsigned int type : 8;
    mach_msg_size_t count;
} mach_msg_ool_ports_descriptor_t;
#pragma pack(pop)
typedef struct {
    uint32_t msgh_trailer_type, msgh_trailer_size;
} mach_msg_trailer_t;

typedef struct {
    uint32_t mpl_qlimit;
} mach_port_limits_t;
typedef struct {
    uint32_t mps_pset, mps_seqno, mps_mscount, mps_qlimit, mps_msgcount, mps_sorights;
    int32_t mps_srights, mps_pdrequest, mps_nsrequest;
    uint32_t mps_flags;
} mach_port_status_t;
typedef struct {
    unsigned int name : 1, prealloc : 1, pad1 : 30;
    natural_t len;
} mach_port_qos_t;
typedef struct {
    uint32_t flags;
    mach_port_limits_t mpl;
    uint64_t reserved[2];
} mach_port_options_t;
typedef mach_port_options_t *mach_port_options_ptr_t;

#define KERN_SUCCESS 0
#define KERN_FAILURE 5
#define KERN_NO_SPACE 3
#define KERN_INVALID_ARGUMENT 4
#define KERN_RESOURCE_SHORTAGE 6
#define KERN_INVALID_NAME 15
#define KERN_INVALID_TASK 16
#define KERN_INVALID_RIGHT 17
#define KERN_INVALID_VALUE 18
#define MACH_PORT_NULL 0u
#define MACH_PORT_DEAD (~0u)
#define MACH_PORT_VALID(name) ((name) != MACH_PORT_NULL && (name) != MACH_PORT_DEAD)
#define MACH_PORT_RIGHT_SEND 0u
#define MACH_PORT_RIGHT_RECEIVE 1u
#define MACH_PORT_RIGHT_SEND_ONCE 2u
#define MACH_PORT_RIGHT_PORT_SET 3u
#define MACH_PORT_RIGHT_DEAD_NAME 4u
#define MACH_PORT_TYPE_SEND 0x00010000u
#define MACH_PORT_TYPE_RECEIVE 0x00020000u
#define MACH_PORT_TYPE_SEND_RECEIVE 0x00030000u
#define MACH_PORT_TYPE_ALL_RIGHTS 0x001f0000u
#define MACH_PORT_RECEIVE_STATUS 2
#define MACH_MSG_TYPE_MOVE_RECEIVE 16
#define MACH_MSG_TYPE_MOVE_SEND 17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE 18
#define MACH_MSG_TYPE_COPY_SEND 19
#define MACH_MSG_TYPE_MAKE_SEND 20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE 21
#define MACH_MSG_PORT_DESCRIPTOR 0
#define MACH_MSG_OOL_PORTS_DESCRIPTOR 2
#define MACH_MSGH_BITS_COMPLEX 0x80000000u
#define MACH_MSGH_BITS(remote, local) ((remote) | ((local) << 8))
#define MACH_SEND_MSG 1
#define MACH_RCV_MSG 2
#define MACH_SEND_TIMEOUT 0x10
#define MACH_RCV_TIMEOUT 0x100
#define MACH_MSG_TIMEOUT_NONE 0u
#define MPO_INSERT_SEND_RIGHT 0x10
#define SYNC_POLICY_FIFO 0
#define TASK_BOOTSTRAP_PORT 4
#define CALENDAR_CLOCK 1
#define VM_PROT_READ 1
#define VM_PROT_WRITE 2

extern mach_port_t mach_task_self_;
#define mach_task_self() mach_task_self_

mach_port_t mach_host_self(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_reply_port(void);
kern_return_t task_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *t);
kern_return_t task_name_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *tn);
kern_return_t task_read_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *t);
kern_return_t task_inspect_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *t);
kern_return_t task_threads(task_inspect_t target_task, thread_act_array_t *act_list, mach_msg_type_number_t *act_listCnt);
kern_return_t task_get_special_port(task_inspect_t task, int which_port, mach_port_t *special_port);
kern_return_t mach_ports_register(task_t target_task, mach_port_array_t init_port_set, mach_msg_type_number_t init_port_setCnt);
kern_return_t mach_ports_lookup(task_t target_task, mach_port_array_t *init_port_set, mach_msg_type_number_t *init_port_setCnt);
kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name);
kern_return_t mach_port_allocate_name(ipc_space_t task, mach_port_right_t right, mach_port_name_t name);
kern_return_t mach_port_construct(ipc_space_t task, mach_port_options_ptr_t options, mach_port_context_t context, mach_port_name_t *name);
kern_return_t mach_port_destruct(ipc_space_t task, mach_port_name_t name, mach_port_delta_t srdelta, mach_port_context_t guard);
kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta);
kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_get_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_urefs_t *refs);
kern_return_t mach_port_type(ipc_space_t task, mach_port_name_t name, mach_port_type_t *ptype);
kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name, mach_port_t poly, mach_msg_type_name_t polyPoly);
kern_return_t mach_port_extract_right(ipc_space_t task, mach_port_name_t name, mach_msg_type_name_t msgt_name, mach_port_t *poly,
                                      mach_msg_type_name_t *polyPoly);
kern_return_t mach_port_request_notification(ipc_space_t task, mach_port_name_t name, mach_msg_id_t msgid, mach_port_mscount_t sync,
                                             mach_port_t notify, mach_msg_type_name_t notifyPoly, mach_port_t *previous);
kern_return_t mach_port_get_attributes(ipc_space_t task, mach_port_name_t name, mach_port_flavor_t flavor, mach_port_info_t port_info_out,
                                       mach_msg_type_number_t *port_info_outCnt);
kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value);
kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore);
kern_return_t host_get_clock_service(host_t host, clock_id_t clock_id, clock_serv_t *clock_serv);
kern_return_t host_get_io_master(host_t host, mach_port_t *io_master);
kern_return_t mach_make_memory_entry_64(vm_map_t target_task, memory_object_size_t *size, memory_object_offset_t offset,
                                        vm_prot_t permission, mach_port_t *object_handle, mem_entry_name_port_t parent_entry);
int fileport_makeport(int fd, mach_port_t *port);
kern_return_t vm_deallocate(vm_map_t target_task, vm_address_t address, vm_size_t size);
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                           mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify);
void mach_msg_destroy(mach_msg_header_t *msg);
char *mach_error_string(kern_return_t error_value);

#ifdef __cplusplus
}
#endif
#endif
