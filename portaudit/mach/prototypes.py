"""Mach's functions: one typed table, in header order, C names kept; functions.pyi is its twin for mypy.

Beside its type, each argument says which way its value goes: that is what lets a stand-in kernel
offer the same functions without a line of code for each of them.
"""

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_uint8
from dataclasses import dataclass
from enum import Enum
from typing import Any

from portaudit.mach import c_types as c

CType = Any
"""A ctypes type; ctypes gives its metaclasses no public name."""


class Way(Enum):
    """Which way an argument's value goes."""

    GIVEN = "given"  # from the caller
    FILLED = "filled"  # the callee writes one value through the pointer
    CHANGED = "changed"  # the callee reads one value through the pointer, and writes another
    LENT = "lent"  # the callee points it at an array of its own; the caller must vm_deallocate it
    COUNT = "count"  # how many elements the array before it has
    SHOWN = "shown"  # the caller's array; the count behind it says how many
    WORDS = "words"  # the caller's buffer of 32-bit words; the count behind it goes both ways
    MESSAGE = "message"  # the caller's message buffer, read and written


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a C function: its C name, its ctypes type, and which way its value goes."""

    name: str
    c_type: CType
    way: Way
    holds: CType = None
    """What stands behind a pointer that the callee writes through: the value's type, or an element's."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """A C function: what it returns, and its arguments in order."""

    result: CType
    arguments: tuple[Argument, ...]

    @property
    def argtypes(self) -> tuple[CType, ...]:
        """The arguments' ctypes types, as ctypes wants them."""
        return tuple(argument.c_type for argument in self.arguments)


def given(name: str, c_type: CType) -> Argument:
    """An argument passed by value, or a string."""
    return Argument(name, c_type, Way.GIVEN)


def filled(name: str, c_type: CType) -> Argument:
    """A pointer through which the callee writes one value, structure or text."""
    pointer = POINTER(c_type._type_) if issubclass(c_type, ctypes.Array) else POINTER(c_type)
    return Argument(name, pointer, Way.FILLED, c_type)


def changed(name: str, c_type: CType) -> Argument:
    """A pointer to one value that goes both ways."""
    return Argument(name, POINTER(c_type), Way.CHANGED, c_type)


def lent(name: str, c_type: CType) -> tuple[Argument, Argument]:
    """An out-of-line array that the callee allocates, and its count."""
    return (
        Argument(name, POINTER(POINTER(c_type)), Way.LENT, c_type),
        Argument(f"{name}Cnt", POINTER(c.mach_msg_type_number_t), Way.COUNT),
    )


def shown(name: str, c_type: CType) -> tuple[Argument, Argument]:
    """An array that the caller owns, and its count."""
    return (
        Argument(name, POINTER(c_type), Way.SHOWN),
        Argument(f"{name}Cnt", c.mach_msg_type_number_t, Way.COUNT),
    )


def words(name: str) -> tuple[Argument, Argument]:
    """A buffer of 32-bit words whose count goes both ways."""
    return (
        Argument(name, POINTER(c.integer_t), Way.WORDS),
        Argument(f"{name}Cnt", POINTER(c.mach_msg_type_number_t), Way.COUNT),
    )


def kern(*arguments: Argument) -> Prototype:
    """A function that returns a kern_return_t."""
    return Prototype(c.kern_return_t, arguments)


TASK = given("task", c.ipc_space_t)
NAME = given("name", c.mach_port_name_t)

PROTOTYPES: dict[str, Prototype] = {
    # mach/mach_port.h
    "mach_port_names": kern(TASK, *lent("names", c.mach_port_name_t), *lent("types", c.mach_port_type_t)),
    "mach_port_type": kern(TASK, NAME, filled("ptype", c.mach_port_type_t)),
    "mach_port_allocate": kern(TASK, given("right", c.mach_port_right_t), filled("name", c.mach_port_name_t)),
    "mach_port_destroy": kern(TASK, NAME),
    "mach_port_deallocate": kern(TASK, NAME),
    "mach_port_get_refs": kern(
        TASK, NAME, given("right", c.mach_port_right_t), filled("refs", c.mach_port_urefs_t)
    ),
    "mach_port_mod_refs": kern(
        TASK, NAME, given("right", c.mach_port_right_t), given("delta", c.mach_port_delta_t)
    ),
    "mach_port_get_set_status": kern(TASK, NAME, *lent("members", c.mach_port_name_t)),
    "mach_port_request_notification": kern(
        TASK,
        NAME,
        given("msgid", c.mach_msg_id_t),
        given("sync", c.mach_port_mscount_t),
        given("notify", c.mach_port_t),
        given("notifyPoly", c.mach_msg_type_name_t),
        filled("previous", c.mach_port_t),
    ),
    "mach_port_insert_right": kern(
        TASK, NAME, given("poly", c.mach_port_t), given("polyPoly", c.mach_msg_type_name_t)
    ),
    "mach_port_extract_right": kern(
        TASK,
        NAME,
        given("msgt_name", c.mach_msg_type_name_t),
        filled("poly", c.mach_port_t),
        filled("polyPoly", c.mach_msg_type_name_t),
    ),
    "mach_port_get_attributes": kern(
        TASK, NAME, given("flavor", c.mach_port_flavor_t), *words("port_info_out")
    ),
    "mach_port_move_member": kern(
        TASK, given("member", c.mach_port_name_t), given("after", c.mach_port_name_t)
    ),
    "mach_port_get_srights": kern(TASK, NAME, filled("srights", c.natural_t)),
    "mach_port_space_info": kern(
        TASK,
        filled("space_info", c.ipc_info_space_t),
        *lent("table_info", c.ipc_info_name_t),
        *lent("tree_info", c.ipc_info_tree_name_t),
    ),
    "mach_port_kobject": kern(
        TASK, NAME, filled("object_type", c.natural_t), filled("object_addr", c.mach_vm_address_t)
    ),
    "mach_port_kernel_object": kern(
        TASK, NAME, filled("object_type", c.natural_t), filled("object_addr", c.natural_t)
    ),
    "mach_port_get_context": kern(TASK, NAME, filled("context", c.mach_port_context_t)),
    "mach_port_kobject_description": kern(
        TASK,
        NAME,
        filled("object_type", c.natural_t),
        filled("object_addr", c.mach_vm_address_t),
        filled("description", c.kobject_description_t),
    ),
    "mach_port_space_basic_info": kern(TASK, filled("basic_info", c.ipc_info_space_basic_t)),
    # mach/task.h
    "task_terminate": kern(given("target_task", c.task_t)),
    "task_threads": kern(given("target_task", c.task_t), *lent("act_list", c.mach_port_t)),
    "mach_ports_register": kern(given("target_task", c.task_t), *shown("init_port_set", c.mach_port_t)),
    "mach_ports_lookup": kern(given("target_task", c.task_t), *lent("init_port_set", c.mach_port_t)),
    "task_get_special_port": kern(
        given("task", c.task_t), given("which_port", c_int), filled("special_port", c.mach_port_t)
    ),
    "semaphore_create": kern(
        given("task", c.task_t),
        filled("semaphore", c.semaphore_t),
        given("policy", c_int),
        given("value", c_int),
    ),
    "semaphore_destroy": kern(given("task", c.task_t), given("semaphore", c.semaphore_t)),
    "task_get_exc_guard_behavior": kern(given("task", c.task_t), filled("behavior", c.mach_msg_bits_t)),
    "task_set_exc_guard_behavior": kern(given("task", c.task_t), given("behavior", c.mach_msg_bits_t)),
    # mach/mach_host.h; host_get_io_master is what host_get_io_main was called until macOS 11, and what newer
    # systems still answer to (XNU libsyscall/mach/host.c:119), though no header declares it
    "host_get_io_master": kern(given("host", c.host_t), filled("io_main", c.io_main_t)),
    "host_get_clock_service": kern(
        given("host", c.host_t), given("clock_id", c.clock_id_t), filled("clock_serv", c.clock_serv_t)
    ),
    "host_create_mach_voucher": kern(
        given("host", c.host_t), *shown("recipes", c_uint8), filled("voucher", c.ipc_voucher_t)
    ),
    # mach/mach_traps.h; task_read_for_pid and task_inspect_for_pid stand in XNU
    # bsd/kern/syscalls.master (539, 538) and in libSystem, but in no SDK header
    "task_for_pid": kern(
        given("target_tport", c.mach_port_name_t), given("pid", c_int), filled("t", c.mach_port_name_t)
    ),
    "task_read_for_pid": kern(
        given("target_tport", c.mach_port_name_t), given("pid", c_int), filled("t", c.mach_port_name_t)
    ),
    "task_inspect_for_pid": kern(
        given("target_tport", c.mach_port_name_t), given("pid", c_int), filled("t", c.mach_port_name_t)
    ),
    "task_name_for_pid": kern(
        given("target_tport", c.mach_port_name_t), given("pid", c_int), filled("tn", c.mach_port_name_t)
    ),
    "pid_for_task": kern(given("t", c.mach_port_name_t), filled("x", c_int)),
    # mach/mach_init.h: each adds one reference that the caller owns
    "mach_host_self": Prototype(c.mach_port_t, ()),
    "mach_thread_self": Prototype(c.mach_port_t, ()),
    # XNU osfmk/mach/mach_traps.h:88, in no SDK header: a new receive right
    "mach_reply_port": Prototype(c.mach_port_t, ()),
    # mach/message.h
    "mach_msg": Prototype(
        c.kern_return_t,
        (
            Argument("msg", POINTER(c.mach_msg_header_t), Way.MESSAGE),
            given("option", c.mach_msg_option_t),
            given("send_size", c.mach_msg_size_t),
            given("rcv_size", c.mach_msg_size_t),
            given("rcv_name", c.mach_port_name_t),
            given("timeout", c.mach_msg_timeout_t),
            given("notify", c.mach_port_name_t),
        ),
    ),
    # mach/vm_map.h
    "vm_deallocate": kern(
        given("target_task", c.mach_port_t), given("address", c.vm_address_t), given("size", c.vm_size_t)
    ),
    "mach_make_memory_entry_64": kern(
        given("target_task", c.vm_map_t),
        changed("size", c.memory_object_size_t),
        given("offset", c.memory_object_offset_t),
        given("permission", c.vm_prot_t),
        filled("object_handle", c.mach_port_t),
        given("parent_entry", c.mem_entry_name_port_t),
    ),
    # XNU bsd/sys/fileport.h:49, in no SDK header: a BSD system call, -1 and errno when it fails
    "fileport_makeport": kern(given("fd", c_int), filled("port", c.mach_port_t)),
    # mach/mach_error.h
    "mach_error_string": Prototype(c_char_p, (given("error_value", c.kern_return_t),)),
}

OFFERED_ONLY = frozenset(
    {
        "mach_port_get_set_status",
        "mach_port_request_notification",
        "mach_port_move_member",
        "mach_port_get_srights",
        "mach_port_kernel_object",
        "mach_port_get_context",
        "task_terminate",
        "task_threads",
        "task_get_special_port",
        "semaphore_create",
        "semaphore_destroy",
        "task_get_exc_guard_behavior",
        "task_set_exc_guard_behavior",
        "host_get_io_master",
        "host_get_clock_service",
        "host_create_mach_voucher",
        "task_name_for_pid",
        "mach_reply_port",
        "mach_make_memory_entry_64",
        "fileport_makeport",
        "mach_error_string",
    }
)
"""Functions that portaudit itself never calls: the stand-ins offer them to whatever runs on them."""

VARIABLES: dict[str, CType] = {"mach_task_self_": c.mach_port_t}  # mach/mach_init.h
