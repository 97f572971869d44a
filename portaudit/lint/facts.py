"""What the table of right calls says, as the paths of a function need it: by name and position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from portaudit.lint.borrowers import BORROWERS
from portaudit.model.right_calls import RIGHT_CALLS, Effect, FromArgument, Library, RightCall
from portaudit.model.right_calls import Place as Where
from portaudit.model.rights import Right

HOST, SELF, ARRAY, TASK, XPC, SERVICE = "S1", "S2", "S3", "S4", "S5", "S6"
HOST_PORT, OBJECT, CONNECTION, RECEIVE, SEMAPHORE, MADE = "S7", "S8", "S9", "S10", "S11", "S12"

STANDING = frozenset({HOST, SELF})
"""Rights to what a process keeps for ever: the name stays good after a release."""

BY_KOBJECT = {
    "HOST": HOST,
    "THREAD-CONTROL": TASK,
    "SEMAPHORE": SEMAPHORE,
    "IOKIT-OBJECT": OBJECT,
    "IOKIT-CONNECT": CONNECTION,
    "PROCESSOR-SET": HOST_PORT,
    "PROCESSOR": HOST_PORT,
    "CLOCK": HOST_PORT,
    "MAIN-DEVICE": HOST_PORT,
    "VOUCHER": MADE,
    "NAMED-MEMORY": MADE,
    "FILEPORT": MADE,
    "TIMER": MADE,
}
BY_NAME = {
    "mach_thread_self": SELF,
    "thread_self_trap": SELF,
    "task_self_trap": SELF,
    "audit_session_self": SELF,
    "IOSurfaceCreateMachPort": MADE,
    "task_get_special_port": SERVICE,
    "host_get_special_port": HOST_PORT,
}

KEEPS_QUIET = frozenset({"mach_port_request_notification", "mach_msg", "mach_msg_overwrite"})
"""What they give is there only if somebody had armed a notification, or is in a message."""

STANDS_FOR = {
    "mach_task_self": None,  # the header's macro reads a variable
    "IOServiceAddMatchingNotification": None,  # its iterator is the notification: it is kept on purpose
    "IOServiceAddInterestNotification": None,
}
"""Functions of the table that a source means otherwise, or hands over for good."""


@dataclass(frozen=True, slots=True)
class Given:
    """A right that a call gives: where, and what it is about."""

    at: int | None
    """The position of the out-parameter; None for the result."""
    rule: str
    right: Right | None = Right.SEND
    array: bool = False
    kind_at: int | None = None
    """The position of the argument that says which right it is."""
    count_at: int | None = None
    """The position of the argument that says how many there are."""
    own_at: int | None = None
    """The position of the task in whose space the right comes: ours only if that is this task."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a function of the system does with rights; it borrows every argument that is not taken."""

    gives: tuple[Given, ...] = ()
    takes: tuple[int, ...] = ()
    memory: int | None = None
    """The position of an array whose memory it frees."""


def _rule(call: RightCall, effect: Effect) -> str:
    name = call.name
    if name in BY_NAME:
        return BY_NAME[name]
    if effect.place is Where.LENT:
        return ARRAY
    if effect.right is Right.RECEIVE or isinstance(effect.right, FromArgument):
        return BY_KOBJECT.get(call.kobject or "", RECEIVE)
    if name.startswith(("bootstrap_", "thread_get_special")):
        return SERVICE
    if name.startswith("xpc_"):
        return XPC
    return BY_KOBJECT.get(call.kobject or "", TASK)


def _known(call: RightCall) -> Known:
    gives, takes = [], []
    for effect in call.effects:
        gained = effect.change == 1 and effect.place in {Where.RESULT, Where.OUT, Where.LENT}
        if gained and not effect.flag and call.name not in KEEPS_QUIET:
            at = None if effect.place is Where.RESULT else call.position(effect.argument)
            by_argument = isinstance(effect.right, FromArgument)
            right = effect.right if isinstance(effect.right, Right) else None
            gives.append(
                Given(
                    at,
                    _rule(call, effect),
                    right,
                    effect.place is Where.LENT,
                    call.position(effect.right.argument) if by_argument else None,  # type: ignore[union-attr]
                    call.position(effect.count) if effect.count else None,
                    call.position(effect.own_space) if effect.own_space else None,
                )
            )
        elif effect.place is Where.GIVEN and (effect.change not in {0, 1}) and _releases(call):
            takes.append(call.position(effect.argument))
    return Known(tuple(gives), tuple(dict.fromkeys(takes)))


def _releases(call: RightCall) -> bool:
    # What a disposition moves is no release of its own: insert, extract and request keep the caller's name
    return not call.name.startswith(("mach_port_insert", "mach_port_extract", "mach_port_request"))


MORE = {
    "task_get_bootstrap_port": Known((Given(1, SERVICE),)),
    "host_get_clock_service": Known((Given(2, HOST_PORT),)),
    "host_get_clock_control": Known((Given(2, HOST_PORT),)),
    "host_get_io_master": Known((Given(1, HOST_PORT),)),
    "host_get_io_main": Known((Given(1, HOST_PORT),)),
    "IONotificationPortCreate": Known((Given(None, CONNECTION),)),
    "IONotificationPortDestroy": Known(takes=(0,)),
    "mig_put_reply_port": Known(takes=(0,)),
    "vm_deallocate": Known(memory=1),
    "mach_vm_deallocate": Known(memory=1),
}
"""Macros over functions of the table, what is no right itself but owns one, and what frees an array."""

VALID = frozenset({"MACH_PORT_VALID", "MACH_PORT_VALID_NAME", "IP_VALID", "IPC_PORT_VALID"})


def _speaks_of_rights(call: RightCall) -> bool:
    # An object that is made of a name keeps the name: to a source that is a right passed on
    return call.name not in STANDS_FOR and call.library is not Library.COREFOUNDATION


@cache
def known() -> dict[str, Known]:
    """Give what each function of the system does, by its name."""
    listed = {call.name: _known(call) for call in RIGHT_CALLS if _speaks_of_rights(call)}
    return {name: Known() for name in BORROWERS} | listed | MORE


def of_the_system(name: str) -> bool:
    """Say whether a function is C's or the system's, which throws no exception."""
    return name in known() or name in STANDS_FOR or name in VALID


@cache
def triggers() -> frozenset[str]:
    """Give the names without which a source needs no reading: what gives a right or takes one."""
    names = {name for name, fact in known().items() if fact.gives or fact.takes}
    return frozenset(names - {"mach_msg"})
