"""What portaudit's ctypes tables say of Apple's headers, gathered under C's own names."""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portaudit.mach import c_types, constants
from portaudit.mach.c_types import STRUCTURES
from portaudit.mach.prototypes import PROTOTYPES, VARIABLES, Prototype

CType = Any
"""A ctypes type; ctypes gives its metaclasses no public name."""

SPELLED = {
    constants.KernReturn: "{}",
    constants.PortRight: "MACH_PORT_RIGHT_{}",
    constants.PortType: "MACH_PORT_TYPE_{}",
    constants.MsgType: "MACH_MSG_TYPE_{}",
    constants.MsgOption: "MACH_{}",
    constants.Notification: "MACH_NOTIFY_{}",
    constants.PortFlavor: "MACH_PORT_{}",
    constants.PortStatusFlag: "MACH_PORT_STATUS_FLAG_{}",
    constants.TaskFlavor: "TASK_FLAVOR_{}",
    constants.TaskSpecialPort: "TASK_{}_PORT",
    constants.KobjectType: "IPC_OTYPE_{}",
    constants.GuardFlavor: "kGUARD_EXC_{}",
}
"""How C spells the members of each enumeration. XNU says IKOT_*, the SDK IPC_OTYPE_*, of the same numbers."""

SPELLED_OTHERWISE = {
    "MACH_NONE": "MACH_MSG_OPTION_NONE",
    "MACH_MSG_TYPE_NONE": "MACH_MSGH_BITS_ZERO",
}

CHANGED = {"kGUARD_EXC_REQUIRE_REPLY_PORT_SEMANTICS": 10}
"""Numbers that the SDK gives otherwise than xnu-11417 (osfmk/mach/port.h:528-564), which ours follow."""

UNDECLARED = {
    "MACH_PORT_UREFS_MAX": "osfmk/ipc/port.h:80",
    "TASK_PORT_REGISTER_MAX": "osfmk/mach/mach_param.h:71",
    "kGUARD_EXC_PROVISIONAL_REPLY_PORT": "osfmk/mach/port.h:557; the SDK has renamed its number",
    "fileport_makeport": "bsd/sys/fileport.h:49",
    "host_get_io_master": "libsyscall/mach/host.c:119",
    "mach_reply_port": "osfmk/mach/mach_traps.h:88",
    "task_inspect_for_pid": "bsd/kern/syscalls.master:850",
    "task_read_for_pid": "bsd/kern/syscalls.master:851",
}
"""What no SDK header declares, and where XNU (xnu-11417.101.15) does."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that is held against the headers."""

    scalars: Mapping[str, CType]
    structures: tuple[type[ctypes.Structure], ...]
    constants: Mapping[str, int]
    functions: Mapping[str, Prototype]
    variables: Mapping[str, CType]
    undeclared: Mapping[str, str]


def of_portaudit() -> Tables:
    """Gather portaudit's own tables."""
    return Tables(
        scalars=scalars(),
        structures=STRUCTURES,
        constants=loose_constants() | enumerated_constants() | CHANGED,
        functions=PROTOTYPES,
        variables=VARIABLES,
        undeclared=UNDECLARED,
    )


def scalars() -> dict[str, CType]:
    """Give the typedefs of c_types that are no structures: C's names end in _t, ctypes' do not."""
    return {
        name: value
        for name, value in vars(c_types).items()
        if name.endswith("_t") and not issubclass(value, ctypes.Structure)
    }


def loose_constants() -> dict[str, int]:
    """Give the constants that stand outside an enumeration."""
    return {name: int(value) for name, value in vars(constants).items() if isinstance(value, int)}


def enumerated_constants() -> dict[str, int]:
    """Give the members of every enumeration; raises KeyError for one that SPELLED does not know."""
    spelled = {
        SPELLED[kind].format(member): int(value)
        for kind in enumerations()
        for member, value in kind.__members__.items()
    }
    return {SPELLED_OTHERWISE.get(name, name): value for name, value in spelled.items()}


def enumerations() -> list[Any]:
    """Give the enumerations that constants.py defines (an IntFlag is an int, too)."""
    return [
        value
        for value in vars(constants).values()
        if isinstance(value, type) and issubclass(value, int) and value.__module__ == constants.__name__
    ]
