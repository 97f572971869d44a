"""What the kernel keeps behind a port: the number of its type, and the label that lsmp prints.

Numbers: XNU osfmk/kern/ipc_kobject.h:86-151, append-only since macOS 11. Labels: Apple's lsmp
(system_cmds-1026.100.5, lsmp/port_details.c:34-94).
"""

MESSAGE_QUEUE = 0
"""An ordinary port: nothing behind it but its queue."""

UNKNOWN_KOBJECT = 0xFFFF_FFFF
"""A kernel object of a type that has no name here. A kernel says this number, IPC_OTYPE_UNKNOWN of SDK 27
(mach_debug/ipc_info.h), of a port without any: see as_read."""

THREAD_CONTROL = 1
TASK_CONTROL = 2
HOST = 3
HOST_PRIV = 4
TIMER = 8
MAIN_DEVICE = 19
TASK_NAME = 20
SEMAPHORE = 23
CLOCK = 25
IOKIT_IDENT = 27
NAMED_MEMORY = 28
IOKIT_CONNECT = 29
IOKIT_OBJECT = 30
FILEPORT = 34
VOUCHER = 37
UEXT_OBJECT = 41
TASK_INSPECT = 44
TASK_READ = 45
THREAD_INSPECT = 46
THREAD_READ = 47
TASK_ID_TOKEN = 50

LABELS: dict[int, str] = {
    1: "THREAD-CONTROL",
    2: "TASK-CONTROL",
    3: "HOST",
    4: "HOST-PRIV",
    5: "PROCESSOR",
    6: "PROCESSOR-SET",
    7: "PROCESSOR-SET-NAME",
    8: "TIMER",
    9: "PAGER-REQUEST",
    10: "MIG",
    11: "MEMORY-OBJECT",
    12: "XMM-PAGER",
    13: "XMM-KERNEL",
    14: "XMM-REPLY",
    15: "UND-REPLY",
    16: "message-queue",
    17: "HOST-SECURITY",
    18: "LEDGER",
    19: "MAIN-DEVICE",
    20: "TASK-NAME",
    21: "SUBSYSTEM",
    22: "IO-QUEUE-DONE",
    23: "SEMAPHORE",
    24: "LOCK-SET",
    25: "CLOCK",
    26: "CLOCK-CONTROL",
    27: "IOKIT-IDENT",
    28: "NAMED-MEMORY",
    29: "IOKIT-CONNECT",
    30: "IOKIT-OBJECT",
    31: "UPL",
    32: "XMM-CONTROL",
    33: "SESSIONPORT",
    34: "FILEPORT",
    35: "MACF-LABEL",
    36: "TASK_RESUME",
    37: "VOUCHER",
    38: "VOUCHER_ATTR_CONTROL",
    39: "WORK_INTERVAL",
    40: "UX_HANDLER",
    41: "UEXT_OBJECT",
    42: "ARCADE_REG",
    43: "EVENTLINK",
    44: "TASK-INSPECT",
    45: "TASK-READ",
    46: "THREAD-INSPECT",
    47: "THREAD-READ",
    48: "SUID_CRED",
    49: "HYPERVISOR",
    50: "TASK_ID_TOKEN",
    51: "TASK_FATAL",
    52: "KCDATA",
    53: "EXCLAVES_RESOURCE",
    54: "THREAD_RESUME",
}

NUMBERS: dict[str, int] = {label: number for number, label in LABELS.items()}

TASK_PORTS = frozenset({TASK_CONTROL, TASK_READ, TASK_INSPECT, TASK_NAME})
THREAD_PORTS = frozenset({THREAD_CONTROL, THREAD_READ, THREAD_INSPECT})
HOST_PORTS = frozenset({HOST, HOST_PRIV})
IOKIT_PORTS = frozenset({IOKIT_IDENT, IOKIT_CONNECT, IOKIT_OBJECT, UEXT_OBJECT})


def as_read(answered: int) -> int:
    """Give the kobject type that a kernel's answer means: macOS 26 calls a plain port unknown.

    There mach_port_kobject says IPC_OTYPE_UNKNOWN of a message queue, where it said 0 up to macOS 15
    (osfmk/ipc/mach_debug.c of either).
    """
    return MESSAGE_QUEUE if answered == UNKNOWN_KOBJECT else answered


def label_of(kobject: int | None) -> str | None:
    """Spell a kobject type as lsmp does; None for a message queue and for what was not read."""
    if kobject is None or kobject == MESSAGE_QUEUE:
        return None
    return LABELS.get(kobject, "UNKNOWN")


def class_of(kobject: int | None, description: str | None) -> str | None:
    """Give what the descriptions of objects of one kind have in common; None where nothing is known.

    Of an IOKit object that is its class. Behind it stands, for what has an entry in the registry, the entry's
    id, AppleSMC(0x100000a51): no two objects share it, and after the next boot it is another one (XNU
    iokit/Kernel/IOUserClient.cpp:537-569).
    """
    if description is None or kobject not in IOKIT_PORTS:
        return description
    return description.partition("(")[0]
