"""Mach's C types, in header order: what mach/port.h, mach/message.h and mach_debug/ipc_info.h declare.

Names and field names are C's own. Sizes and offsets are compared with Apple's SDK headers by a test.
"""

from ctypes import Structure, c_char, c_int32, c_uint32, c_uint64, c_void_p
from typing import ClassVar

kern_return_t = c_int32  # mach/kern_return.h
natural_t = c_uint32  # mach/arm/vm_types.h
integer_t = c_int32  # mach/arm/vm_types.h
boolean_t = c_int32  # mach/boolean.h: int on arm64
vm_address_t = c_uint64  # mach/vm_types.h: uintptr_t
vm_size_t = c_uint64  # mach/vm_types.h: uintptr_t
mach_vm_address_t = c_uint64  # mach/vm_types.h: uint64_t

mach_port_t = c_uint32  # mach/port.h
mach_port_name_t = natural_t  # mach/port.h
mach_port_right_t = natural_t  # mach/port.h
mach_port_type_t = natural_t  # mach/port.h
mach_port_urefs_t = natural_t  # mach/port.h
mach_port_delta_t = integer_t  # mach/port.h
mach_port_mscount_t = natural_t  # mach/port.h
mach_port_flavor_t = c_int32  # mach/port.h
mach_port_context_t = c_uint64  # mach/port.h
task_t = mach_port_t  # mach/mach_types.h
ipc_space_t = mach_port_t  # mach/mach_types.h
host_t = mach_port_t  # mach/mach_types.h
semaphore_t = mach_port_t  # mach/mach_types.h
clock_serv_t = mach_port_t  # mach/mach_types.h
mem_entry_name_port_t = mach_port_t  # mach/mach_types.h
io_main_t = mach_port_t  # mach/mach_types.h
vm_map_t = mach_port_t  # mach/mach_types.h
ipc_voucher_t = mach_port_t  # mach/mach_voucher_types.h

clock_id_t = c_int32  # mach/clock_types.h
vm_prot_t = c_int32  # mach/vm_prot.h
memory_object_size_t = c_uint64  # mach/memory_object_types.h
memory_object_offset_t = c_uint64  # mach/memory_object_types.h

mach_msg_bits_t = c_uint32  # mach/message.h
mach_msg_size_t = natural_t  # mach/message.h
mach_msg_id_t = integer_t  # mach/message.h
mach_msg_type_name_t = c_uint32  # mach/message.h
mach_msg_type_number_t = natural_t  # mach/message.h
mach_msg_option_t = integer_t  # mach/message.h
mach_msg_timeout_t = natural_t  # mach/message.h

kobject_description_t = c_char * 512  # mach_debug/ipc_info.h: KOBJECT_DESCRIPTION_LENGTH


class mach_port_limits_t(Structure):
    """mach/port.h: flavour LIMITS_INFO."""

    _fields_: ClassVar = [("mpl_qlimit", natural_t)]


class mach_port_status_t(Structure):
    """mach/port.h: flavour RECEIVE_STATUS, 10 words."""

    _fields_: ClassVar = [
        ("mps_pset", natural_t),
        ("mps_seqno", natural_t),
        ("mps_mscount", natural_t),
        ("mps_qlimit", natural_t),
        ("mps_msgcount", natural_t),
        ("mps_sorights", natural_t),
        ("mps_srights", boolean_t),
        ("mps_pdrequest", boolean_t),
        ("mps_nsrequest", boolean_t),
        ("mps_flags", natural_t),
    ]


class mach_port_info_ext_t(Structure):
    """mach/port.h: flavour INFO_EXT, 17 words."""

    _fields_: ClassVar = [
        ("mpie_status", mach_port_status_t),
        ("mpie_boost_cnt", natural_t),
        ("reserved", c_uint32 * 6),
    ]


class mach_msg_header_t(Structure):
    """mach/message.h: the head of every message, 24 bytes."""

    _fields_: ClassVar = [
        ("msgh_bits", mach_msg_bits_t),
        ("msgh_size", mach_msg_size_t),
        ("msgh_remote_port", mach_port_t),
        ("msgh_local_port", mach_port_t),
        ("msgh_voucher_port", mach_port_name_t),
        ("msgh_id", mach_msg_id_t),
    ]


class mach_msg_body_t(Structure):
    """mach/message.h: how many descriptors follow the header of a complex message."""

    _fields_: ClassVar = [("msgh_descriptor_count", mach_msg_size_t)]


class mach_msg_port_descriptor_t(Structure):
    """mach/message.h: one port right in a message, 12 bytes."""

    _fields_: ClassVar = [
        ("name", mach_port_t),
        ("pad1", mach_msg_size_t),
        ("pad2", c_uint32, 16),
        ("disposition", c_uint32, 8),
        ("type", c_uint32, 8),
    ]


class mach_msg_ool_ports_descriptor_t(Structure):
    """mach/message.h: an array of port rights outside the message, 16 bytes on LP64."""

    _pack_ = 4
    _layout_ = "ms"
    _fields_: ClassVar = [
        ("address", c_void_p),
        ("deallocate", boolean_t, 8),
        ("copy", c_uint32, 8),
        ("disposition", c_uint32, 8),
        ("type", c_uint32, 8),
        ("count", mach_msg_size_t),
    ]


class mach_msg_trailer_t(Structure):
    """mach/message.h: the least that the kernel puts behind a received message."""

    _fields_: ClassVar = [("msgh_trailer_type", c_uint32), ("msgh_trailer_size", c_uint32)]


class ipc_info_space_t(Structure):
    """mach_debug/ipc_info.h: what mach_port_space_info says of the space itself, 24 bytes."""

    _fields_: ClassVar = [
        ("iis_genno_mask", natural_t),
        ("iis_table_size", natural_t),
        ("iis_table_next", natural_t),
        ("iis_tree_size", natural_t),
        ("iis_tree_small", natural_t),
        ("iis_tree_hash", natural_t),
    ]


class ipc_info_space_basic_t(Structure):
    """mach_debug/ipc_info.h: the cheap count of a space, 24 bytes."""

    _fields_: ClassVar = [
        ("iisb_genno_mask", natural_t),
        ("iisb_table_size", natural_t),
        ("iisb_table_next", natural_t),
        ("iisb_table_inuse", natural_t),
        ("iisb_reserved", natural_t * 2),
    ]


class ipc_info_name_t(Structure):
    """mach_debug/ipc_info.h: one row of mach_port_space_info, 28 bytes."""

    _fields_: ClassVar = [
        ("iin_name", mach_port_name_t),
        ("iin_collision", boolean_t),
        ("iin_type", mach_port_type_t),
        ("iin_urefs", mach_port_urefs_t),
        ("iin_object", natural_t),
        ("iin_next", natural_t),
        ("iin_hash", natural_t),
    ]


class ipc_info_tree_name_t(Structure):
    """mach_debug/ipc_info.h: a relic that mach_port_space_info still declares, never returned."""

    _fields_: ClassVar = [
        ("iitn_name", ipc_info_name_t),
        ("iitn_lchild", mach_port_name_t),
        ("iitn_rchild", mach_port_name_t),
    ]


STRUCTURES: tuple[type[Structure], ...] = (
    mach_port_limits_t,
    mach_port_status_t,
    mach_port_info_ext_t,
    mach_msg_header_t,
    mach_msg_body_t,
    mach_msg_port_descriptor_t,
    mach_msg_ool_ports_descriptor_t,
    mach_msg_trailer_t,
    ipc_info_space_t,
    ipc_info_space_basic_t,
    ipc_info_name_t,
    ipc_info_tree_name_t,
)
"""Every structure, in header order, for the layout test."""
