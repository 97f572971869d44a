"""The numbers of Mach's headers, under their C names.

Each group names the header that it stands in; what no SDK header declares names its XNU source
(xnu-11417.101.15, macOS 15.4).
"""

from enum import IntEnum, IntFlag

MACH_PORT_NULL = 0  # mach/port.h
MACH_PORT_DEAD = 0xFFFFFFFF  # mach/port.h
MACH_PORT_UREFS_MAX = 65535  # XNU osfmk/ipc/port.h:80; no SDK header
MACH_PORT_QLIMIT_DEFAULT = 5  # mach/port.h
MACH_PORT_QLIMIT_MAX = 1024  # mach/port.h
TASK_PORT_REGISTER_MAX = 3  # XNU osfmk/mach/mach_param.h:71; no SDK header


class KernReturn(IntEnum):
    """What a kernel call returns: mach/kern_return.h, mach/message.h, mach/mig_errors.h."""

    KERN_SUCCESS = 0
    KERN_INVALID_ADDRESS = 1
    KERN_PROTECTION_FAILURE = 2
    KERN_NO_SPACE = 3
    KERN_INVALID_ARGUMENT = 4
    KERN_FAILURE = 5
    KERN_RESOURCE_SHORTAGE = 6
    KERN_NOT_RECEIVER = 7
    KERN_NO_ACCESS = 8
    KERN_ALREADY_IN_SET = 11
    KERN_NOT_IN_SET = 12
    KERN_NAME_EXISTS = 13
    KERN_ABORTED = 14
    KERN_INVALID_NAME = 15
    KERN_INVALID_TASK = 16
    KERN_INVALID_RIGHT = 17
    KERN_INVALID_VALUE = 18
    KERN_UREFS_OVERFLOW = 19
    KERN_INVALID_CAPABILITY = 20
    KERN_RIGHT_EXISTS = 21
    KERN_INVALID_HOST = 22
    KERN_INVALID_SECURITY = 35
    KERN_TERMINATED = 37
    KERN_NOT_SUPPORTED = 46
    KERN_DENIED = 53
    MACH_SEND_INVALID_DATA = 0x10000002
    MACH_SEND_INVALID_DEST = 0x10000003
    MACH_SEND_TIMED_OUT = 0x10000004
    MACH_SEND_INVALID_VOUCHER = 0x10000005
    MACH_SEND_INTERRUPTED = 0x10000007
    MACH_SEND_MSG_TOO_SMALL = 0x10000008
    MACH_SEND_INVALID_REPLY = 0x10000009
    MACH_SEND_INVALID_RIGHT = 0x1000000A
    MACH_SEND_INVALID_NOTIFY = 0x1000000B
    MACH_SEND_INVALID_MEMORY = 0x1000000C
    MACH_SEND_NO_BUFFER = 0x1000000D
    MACH_SEND_TOO_LARGE = 0x1000000E
    MACH_SEND_INVALID_TYPE = 0x1000000F
    MACH_SEND_INVALID_HEADER = 0x10000010
    MACH_SEND_INVALID_OPTIONS = 0x10000013
    MACH_RCV_INVALID_NAME = 0x10004002
    MACH_RCV_TIMED_OUT = 0x10004003
    MACH_RCV_TOO_LARGE = 0x10004004
    MACH_RCV_INTERRUPTED = 0x10004005
    MACH_RCV_PORT_CHANGED = 0x10004006
    MACH_RCV_INVALID_NOTIFY = 0x10004007
    MACH_RCV_INVALID_DATA = 0x10004008
    MACH_RCV_PORT_DIED = 0x10004009
    MACH_RCV_IN_SET = 0x1000400A
    MACH_RCV_HEADER_ERROR = 0x1000400B
    MACH_RCV_BODY_ERROR = 0x1000400C
    MIG_TYPE_ERROR = -300
    MIG_REPLY_MISMATCH = -301
    MIG_REMOTE_ERROR = -302
    MIG_BAD_ID = -303
    MIG_BAD_ARGUMENTS = -304
    MIG_NO_REPLY = -305
    MIG_EXCEPTION = -306
    MIG_ARRAY_TOO_LARGE = -307
    MIG_SERVER_DIED = -308


class PortRight(IntEnum):
    """MACH_PORT_RIGHT_*: mach/port.h."""

    SEND = 0
    RECEIVE = 1
    SEND_ONCE = 2
    PORT_SET = 3
    DEAD_NAME = 4
    LABELH = 5
    NUMBER = 6


class PortType(IntFlag):
    """MACH_PORT_TYPE_*: mach/port.h. A name's rights, and the requests armed on it."""

    NONE = 0
    SEND = 1 << 16
    RECEIVE = 1 << 17
    SEND_ONCE = 1 << 18
    PORT_SET = 1 << 19
    DEAD_NAME = 1 << 20
    LABELH = 1 << 21
    SPREQUEST_DELAYED = 1 << 29
    SPREQUEST = 1 << 30
    DNREQUEST = 1 << 31
    SEND_RECEIVE = SEND | RECEIVE
    SEND_RIGHTS = SEND | SEND_ONCE
    PORT_RIGHTS = SEND | RECEIVE | SEND_ONCE
    PORT_OR_DEAD = PORT_RIGHTS | DEAD_NAME
    ALL_RIGHTS = PORT_RIGHTS | PORT_SET | DEAD_NAME


class MsgType(IntEnum):
    """MACH_MSG_TYPE_*, the dispositions of a right in a message: mach/message.h."""

    NONE = 0
    MOVE_RECEIVE = 16
    MOVE_SEND = 17
    MOVE_SEND_ONCE = 18
    COPY_SEND = 19
    MAKE_SEND = 20
    MAKE_SEND_ONCE = 21
    COPY_RECEIVE = 22
    DISPOSE_RECEIVE = 24
    DISPOSE_SEND = 25
    DISPOSE_SEND_ONCE = 26


MACH_MSG_TYPE_PORT_RECEIVE = MsgType.MOVE_RECEIVE
MACH_MSG_TYPE_PORT_SEND = MsgType.MOVE_SEND
MACH_MSG_TYPE_PORT_SEND_ONCE = MsgType.MOVE_SEND_ONCE


class MsgOption(IntFlag):
    """MACH_SEND_* and MACH_RCV_* options of mach_msg: mach/message.h."""

    NONE = 0
    SEND_MSG = 0x1
    RCV_MSG = 0x2
    RCV_LARGE = 0x4
    RCV_LARGE_IDENTITY = 0x8
    SEND_TIMEOUT = 0x10
    SEND_NOTIFY = 0x80
    RCV_TIMEOUT = 0x100


MACH_MSGH_BITS_COMPLEX = 0x80000000  # mach/message.h
MACH_MSG_PORT_DESCRIPTOR = 0  # mach/message.h
MACH_MSG_OOL_DESCRIPTOR = 1  # mach/message.h
MACH_MSG_OOL_PORTS_DESCRIPTOR = 2  # mach/message.h
MACH_MSG_TIMEOUT_NONE = 0  # mach/message.h


class Notification(IntEnum):
    """MACH_NOTIFY_*, the ids of notification messages: mach/notify.h (MACH_NOTIFY_FIRST is octal 0100)."""

    PORT_DELETED = 0o101
    SEND_POSSIBLE = 0o102
    PORT_DESTROYED = 0o105
    NO_SENDERS = 0o106
    SEND_ONCE = 0o107
    DEAD_NAME = 0o110


class PortFlavor(IntEnum):
    """Flavours of mach_port_get_attributes: mach/port.h."""

    LIMITS_INFO = 1
    RECEIVE_STATUS = 2
    DNREQUESTS_SIZE = 3
    TEMPOWNER = 4
    IMPORTANCE_RECEIVER = 5
    DENAP_RECEIVER = 6
    INFO_EXT = 7
    GUARD_INFO = 8
    SERVICE_THROTTLED = 9


class PortStatusFlag(IntFlag):
    """MACH_PORT_STATUS_FLAG_*, mps_flags of a receive right: mach/port.h."""

    TEMPOWNER = 0x01
    GUARDED = 0x02
    STRICT_GUARD = 0x04
    IMP_DONATION = 0x08
    REVIVE = 0x10
    TASKPTR = 0x20
    GUARD_IMMOVABLE_RECEIVE = 0x40
    NO_GRANT = 0x80


class TaskFlavor(IntEnum):
    """TASK_FLAVOR_*: mach/task_info.h. Control may do everything, name nearly nothing."""

    CONTROL = 0
    READ = 1
    INSPECT = 2
    NAME = 3


class TaskSpecialPort(IntEnum):
    """TASK_*_PORT of task_get_special_port: mach/task_special_ports.h."""

    KERNEL = 1
    HOST = 2
    NAME = 3
    BOOTSTRAP = 4
    INSPECT = 5
    READ = 6
    ACCESS = 9
    DEBUG_CONTROL = 10
    RESOURCE_NOTIFY = 11


class KobjectType(IntEnum):
    """What the kernel keeps behind a port: IPC_OTYPE_* of mach_debug/ipc_info.h.

    The same numbers as XNU's own IKOT_* (osfmk/kern/ipc_kobject.h:86-151).
    """

    NONE = 0
    THREAD_CONTROL = 1
    TASK_CONTROL = 2
    HOST = 3
    HOST_PRIV = 4
    TIMER = 8
    MAIN_DEVICE = 19
    TASK_NAME = 20
    SEMAPHORE = 23
    CLOCK = 25
    NAMED_ENTRY = 28
    IOKIT_CONNECT = 29
    IOKIT_OBJECT = 30
    FILEPORT = 34
    VOUCHER = 37
    TASK_INSPECT = 44
    TASK_READ = 45
    THREAD_INSPECT = 46
    THREAD_READ = 47
    TASK_ID_TOKEN = 50
    THREAD_RESUME = 54
    UNKNOWN = 0xFFFFFFFF  # what newer systems answer of a port without kernel object


class GuardFlavor(IntEnum):
    """kGUARD_EXC_*, what a Mach port guard exception says: mach/port.h (XNU osfmk/mach/port.h:528-564).

    Up to 128 the process is killed whatever its settings; 0x100 to 0x80000 as its exception guard
    behaviour says; the rest never kill. SDK 27 gives REQUIRE_REPLY_PORT_SEMANTICS the number 10.
    """

    DESTROY = 1
    MOD_REFS = 2
    INVALID_OPTIONS = 3
    SET_CONTEXT = 4
    THREAD_SET_STATE = 5
    EXCEPTION_BEHAVIOR_ENFORCE = 6
    SERVICE_PORT_VIOLATION_FATAL = 7
    UNGUARDED = 8
    INCORRECT_GUARD = 16
    IMMOVABLE = 32
    STRICT_REPLY = 64
    MSG_FILTERED = 128
    INVALID_RIGHT = 0x100
    INVALID_NAME = 0x200
    INVALID_VALUE = 0x400
    INVALID_ARGUMENT = 0x800
    RIGHT_EXISTS = 0x1000
    KERN_NO_SPACE = 0x2000
    KERN_FAILURE = 0x4000
    KERN_RESOURCE = 0x8000
    SEND_INVALID_REPLY = 0x10000
    SEND_INVALID_VOUCHER = 0x20000
    SEND_INVALID_RIGHT = 0x40000
    RCV_INVALID_NAME = 0x80000
    RCV_GUARDED_DESC = 0x100000
    SERVICE_PORT_VIOLATION_NON_FATAL = 0x100001
    PROVISIONAL_REPLY_PORT = 0x100002
    MOD_REFS_NON_FATAL = 0x200000
    IMMOVABLE_NON_FATAL = 0x400000
    REQUIRE_REPLY_PORT_SEMANTICS = 0x800000
