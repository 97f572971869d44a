"""The flavours of guard exceptions: numbers, names, and what the call did wrong.

Numbers and names: XNU osfmk/mach/port.h:528-564 (xnu-11417) and, where marked, macOS 26's crash reports and
the macOS 27 SDK's mach/port.h:509-558. Meanings: XNU doc/mach_ipc/guard_exceptions.md. An alias is what crash
reports print.
"""

from dataclasses import dataclass

_MISMANAGED = (
    "the accounting of port rights is wrong somewhere: a reference was freed twice, or its name kept too long"
)
_RELEASE_ONCE = (
    "give each reference back once, with mach_port_deallocate for send and send-once rights and "
    "mach_port_destruct for receive rights, and set the variable to MACH_PORT_NULL afterwards"
)
_NEVER_OVER_DEALLOCATE = (
    "never deallocate mach_task_self(); deallocate what mach_thread_self() and mach_host_self() return, once"
)
_SEND_ANOTHER = (
    "send a task identity token instead (task_create_identity_token), "
    "or let the receiver ask for its own port"
)
_GUARDED_OWNER = "the port belongs to somebody else in this process (XPC guards its connections' ports so)"
_SDK_27 = "the macOS 27 SDK"
_REPORTS_26 = "macOS 26, whose crash reports name it"
_POLICY = "the call is not allowed to this kind of process, whatever its arguments"


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a flavour means."""

    name: str
    """The constant in mach/port.h, without kGUARD_EXC_."""
    mistake: str
    """What the call did wrong."""
    cause: str = _MISMANAGED
    fix: str = _RELEASE_ONCE
    aliases: tuple[str, ...] = ()
    target: str = "port name"
    """What the target is: a port name, unless said otherwise."""
    since: str | None = None
    """Where it is known from, if XNU 11417 (macOS 15.4) does not have it."""


MACH_PORT_FLAVOURS: dict[int, Flavour] = {
    1: Flavour(
        "DESTROY",
        "destroyed a guarded receive right without its guard, or with a wrong one",
        _GUARDED_OWNER,
        "find who freed a name that was not theirs: usually one that was freed before and used again",
    ),
    2: Flavour(
        "MOD_REFS",
        "freed the last send right of a pinned port, as a task's or thread's own control port is",
        "mach_task_self() or a thread's own port was deallocated more often than it was copied",
        _NEVER_OVER_DEALLOCATE,
        aliases=("OVER_DEALLOC",),
    ),
    3: Flavour(
        "INVALID_OPTIONS",
        "called mach_msg with options that this kind of process may not use",
        "old code around mach_msg, or a message that breaks the rules for options",
        "send through the system's mach_msg or, better, XPC; drop the options that the policy names",
        target="message id of the refused message, or 0",
    ),
    4: Flavour(
        "SET_CONTEXT",
        "changed the context of a strictly guarded port",
        _GUARDED_OWNER,
        "do not set the context of a port that another part of the process made",
    ),
    5: Flavour(
        "THREAD_SET_STATE",
        "set the register state of a thread, which this process's policy forbids",
        "injection or debugging by thread_set_state, or by the reply to an exception message",
        "use a debugger's entitlements, or leave other threads' state alone",
        target="nothing",
    ),
    6: Flavour(
        "EXCEPTION_BEHAVIOR_ENFORCE",
        "registered an exception port with a behaviour that hands out the task and thread ports",
        "a crash reporter calls task_set_exception_ports with EXCEPTION_DEFAULT or EXCEPTION_STATE_IDENTITY",
        "register with EXCEPTION_IDENTITY_PROTECTED, or use the system's crash reports",
        aliases=("SET_EXCEPTION_BEHAVIOR",),
        target="behaviour asked for, or 0",
    ),
    7: Flavour(
        "SERVICE_PORT_VIOLATION_FATAL",
        "moved, or armed a request on, a service port that belongs to launchd",
        _POLICY,
        "leave service ports where launchd put them",
        target="kind of violation",
    ),
    8: Flavour("UNGUARDED", "unguarded a port that has no guard"),
    9: Flavour(
        "KOBJECT_REPLY_PORT_SEMANTICS",
        "sent a request to a kernel object with a reply port that is none",
        "the message was put together by hand",
        "let MIG or mach_msg make the reply port",
        since=_REPORTS_26,
    ),
    10: Flavour(
        "REQUIRE_REPLY_PORT_SEMANTICS",
        "used a port as a reply port that was not made as one",
        "the message was put together by hand",
        "make reply ports with mach_port_construct and MPO_REPLY_PORT",
        since=_REPORTS_26,
    ),
    11: Flavour(
        "RESTRICT_VOUCHER_OPERATIONS",
        "made or changed a voucher",
        _POLICY,
        "leave vouchers to the system",
        since=_SDK_27,
    ),
    12: Flavour(
        "MACH_EXC_THREAD_SET_STATE",
        "changed a thread's state in the reply to an exception message",
        _POLICY,
        "do not change the state there",
        since=_SDK_27,
    ),
    13: Flavour(
        "MOVE_WEAK_REPLY_PORT_FATAL",
        "moved the receive right of a reply port",
        _POLICY,
        "keep reply ports where they were made",
        since=_SDK_27,
    ),
    16: Flavour(
        "INCORRECT_GUARD",
        "passed a guard that is not the one on the port",
        _GUARDED_OWNER,
        "find who freed a name that was not theirs: usually one that was freed before and used again",
    ),
    17: Flavour(
        "BOOTSTRAP_PORT_NOTIFICATION",
        "armed a notification on the bootstrap port",
        _POLICY,
        "do not",
        since=_SDK_27,
    ),
    18: Flavour(
        "CV_INVALID_EXCEPTION_PORT",
        "registered a port that is no exception port",
        _POLICY,
        "make one",
        since=_SDK_27,
    ),
    32: Flavour(
        "IMMOVABLE",
        "sent a right that must stay: a read or inspect port, or a hardened task's own control port",
        "task and thread ports of this kind cannot be sent in a message, by XPC or otherwise",
        _SEND_ANOTHER,
        aliases=("ILLEGAL_MOVE",),
    ),
    33: Flavour(
        "RESTRICT_VOUCHER_RECIPE_SIZE",
        "made a voucher of too large a recipe",
        _POLICY,
        "make it smaller",
        since=_SDK_27,
    ),
    34: Flavour(
        "RESTRICT_INLINE_PORT_DESCRIPTORS",
        "sent too many port descriptors in one message",
        _POLICY,
        "send fewer ports in one message",
        since=_SDK_27,
    ),
    64: Flavour(
        "STRICT_REPLY",
        "broke the rules for reply ports, which this system enforces by a boot-arg",
        "the message was put together by hand",
        "use one reply port for one request",
    ),
    65: Flavour(
        "INVALID_NOTIFICATION_REQ",
        "asked for a notification that it may not have",
        _POLICY,
        "do not",
        since=_REPORTS_26,
    ),
    66: Flavour(
        "INVALID_MPO_ENTITLEMENT",
        "made a port with a flag that needs an entitlement",
        _POLICY,
        "make the port without it",
        since=_REPORTS_26,
    ),
    67: Flavour(
        "DESCRIPTOR_VIOLATION",
        "sent a descriptor to a service that does not take any",
        _POLICY,
        "send what the service takes",
        since=_REPORTS_26,
    ),
    128: Flavour(
        "MSG_FILTERED",
        "sent a message that the sandbox forbids",
        "the sandbox of this process filters messages to that port",
        "ask for the entitlement, or do not send it",
    ),
    0x100: Flavour(
        "INVALID_RIGHT",
        "used a name for something that the right under it does not allow",
        "a name was freed and used again, and now denotes another kind of right; or it was the wrong call",
    ),
    0x200: Flavour(
        "INVALID_NAME",
        "used a name that denotes nothing in this process: it was freed before",
        "a right was freed twice, or its name kept after the free",
    ),
    0x400: Flavour(
        "INVALID_VALUE",
        "took more references from a right than it has, or added more than fit",
        "mach_port_mod_refs with a delta below what is left: references were freed twice",
    ),
    0x800: Flavour(
        "INVALID_ARGUMENT",
        "guarded a port that has a guard already",
        _GUARDED_OWNER,
        "guard a port once, by its owner",
    ),
    0x1000: Flavour("RIGHT_EXISTS", "is not raised by any kernel that we know"),
    0x2000: Flavour("KERN_NO_SPACE", "is not raised by any kernel that we know"),
    0x4000: Flavour(
        "KERN_FAILURE",
        "asked for a port-destroyed notification that it may not have, or that is armed already",
        "two owners believe that the port is theirs",
        "arm one port-destroyed request, from the port's owner",
    ),
    0x8000: Flavour("KERN_RESOURCE", "is not raised by any kernel that we know"),
    0x10000: Flavour(
        "SEND_INVALID_REPLY",
        "sent a message whose reply port is no right of the kind that the message says",
        "the reply port was freed before the message was sent",
    ),
    0x20000: Flavour(
        "SEND_INVALID_VOUCHER",
        "sent a message whose voucher is none",
        "the voucher was freed before the message was sent",
    ),
    0x40000: Flavour(
        "SEND_INVALID_RIGHT",
        "sent a message with a right that the process does not hold in the way that the descriptor says",
        "the right was freed before the message was sent, or moved where it had to be copied",
    ),
    0x80000: Flavour(
        "RCV_INVALID_NAME",
        "received on a name that denotes no receive right and no port set",
        "the port was freed while somebody still received on it",
        "stop receiving before the port is freed",
    ),
    0x100000: Flavour(
        "RCV_GUARDED_DESC",
        "received a guarded port descriptor without saying that it can take one",
        "sender and receiver disagree on the protocol",
        "pass MACH_RCV_GUARDED_DESC",
    ),
    0x100001: Flavour(
        "SERVICE_PORT_VIOLATION_NON_FATAL",
        "moved, or armed a request on, a service port that belongs to launchd",
        _POLICY,
        "leave service ports where launchd put them",
        target="kind of violation",
    ),
    0x100002: Flavour(
        "PROVISIONAL_REPLY_PORT",
        "made a provisional reply port",
        "old code around reply ports",
        "make reply ports with MPO_REPLY_PORT",
        aliases=("WEAK_REPLY_PORT",),
        target="nothing",
    ),
    0x100003: Flavour(
        "OOL_PORT_ARRAY_CREATION",
        "sent an array of ports out of line",
        _POLICY,
        "send port descriptors",
        since=_REPORTS_26,
    ),
    0x100004: Flavour(
        "MOVE_WEAK_REPLY_PORT",
        "moved a reply port",
        _POLICY,
        "keep reply ports where they were made",
        since=_SDK_27,
    ),
    0x100005: Flavour(
        "REPLY_PORT_SINGLE_SO_RIGHT",
        "made more than one send-once right of a reply port",
        "one reply port served two requests",
        "use one reply port for one request",
        since=_REPORTS_26,
    ),
    0x100006: Flavour(
        "INVALID_NOTIFICATION_PORT",
        "asked for a notification to a port that is none for that",
        _POLICY,
        "make a notification port",
        since=_SDK_27,
    ),
    0x100008: Flavour(
        "CV_NOTIFICATION_PORT_REQ",
        "asked for a notification on a port that must not have one",
        _POLICY,
        "do not",
        since=_SDK_27,
    ),
    0x200000: Flavour(
        "MOD_REFS_NON_FATAL",
        "freed the last send right of a pinned port (a task's or thread's own), which the kernel kept",
        "mach_task_self() or a thread's own port was deallocated more often than it was copied",
        _NEVER_OVER_DEALLOCATE,
        aliases=("OVERDEALLOC_SOFT",),
    ),
    0x400000: Flavour(
        "IMMOVABLE_NON_FATAL",
        "sent a right that should stay in the process, and the send failed",
        "task and thread ports of this kind cannot be sent in a message, by XPC or otherwise",
        _SEND_ANOTHER,
        aliases=("ILLEGALMOVE_SOFT",),
    ),
    0x800000: Flavour(
        "REQUIRE_REPLY_PORT_SEMANTICS",
        "used a port as a reply port that was not made as one (number 10, and fatal, in the macOS 27 SDK)",
        "the message was put together by hand",
        "make reply ports with mach_port_construct and MPO_REPLY_PORT",
    ),
}

OTHER_FLAVOURS: dict[int, dict[int, str]] = {
    2: {1: "CLOSE", 2: "DUP", 4: "NOCLOEXEC", 8: "SOCKET_IPC", 16: "FILEPORT", 32: "MISMATCH", 64: "WRITE"},
    4: {
        1: "RENAME_TO",
        2: "RENAME_FROM",
        4: "UNLINK",
        8: "WRITE_OTHER",
        16: "TRUNC_OTHER",
        32: "LINK",
        64: "EXCHDATA",
    },
    5: {
        1: "DEALLOC_GAP",
        2: "RECLAIM_COPYIO_FAILURE",
        3: "SEC_LOOKUP_DENIED",
        4: "RECLAIM_INDEX_FAILURE",
        6: "SEC_RANGE_DENIED",
        7: "SEC_ACCESS_FAULT",
        8: "RECLAIM_DEALLOCATE_FAILURE",
        16: "SEC_COPY_DENIED",
        32: "SEC_SHARING_DENIED",
        64: "SEC_ASYNC_ACCESS_FAULT",
    },
}
"""Flavours of the other guard types (bsd/sys/guarded.h:104-158, osfmk/mach/vm_statistics.h:365-374)."""


def flavour_name(guard: int | None, flavour: int | None) -> str | None:
    """Name a flavour; None if it has no name here, so that its number must speak."""
    if guard is None or flavour is None:
        return None
    if guard == 1:
        known = MACH_PORT_FLAVOURS.get(flavour)
        return known.name if known else None
    return OTHER_FLAVOURS.get(guard, {}).get(flavour)


def names_of(guard: int, flavour: int) -> tuple[str, ...]:
    """Give every name that a report may print for a flavour."""
    known = MACH_PORT_FLAVOURS.get(flavour) if guard == 1 else None
    if known:
        return (known.name, *known.aliases)
    name = flavour_name(guard, flavour)
    return (name,) if name else ()


_NAMED: tuple[tuple[int, str, int], ...] = tuple(
    (guard, name, flavour)
    for guard, flavours in (
        (1, list(MACH_PORT_FLAVOURS)),
        *((key, list(OTHER_FLAVOURS[key])) for key in OTHER_FLAVOURS),
    )
    for flavour in flavours
    for name in names_of(guard, flavour)
)
_LAST = {(guard, name): flavour for guard, name, flavour in _NAMED}
_FIRST = {(guard, name): flavour for guard, name, flavour in reversed(_NAMED)}

ALL_NAMES = frozenset(name for _, name, _ in _NAMED)
"""What reports call the flavours, of whichever guard."""


def flavour_number(guard: int, name: str, *, fatal: bool = False) -> int | None:
    """Give the number of a flavour that a report calls by name; None if it is unknown.

    One name has two numbers: REQUIRE_REPLY_PORT_SEMANTICS is fatal since macOS 26 and was not before.
    """
    known = _FIRST if fatal else _LAST
    return known.get(
        (guard, name.removeprefix("k").removeprefix("GUARD_").removeprefix("EXC_").removeprefix("VNG_"))
    )
