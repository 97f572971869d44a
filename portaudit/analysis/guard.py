"""Say in words what a guard exception means: what the call did wrong, who is killed for it, the way out."""

from portaudit.model.guard import (
    GUARD_TYPES,
    GUARDED_THINGS,
    MACH_PORT,
    Fatal,
    GuardDescription,
    GuardEvent,
)
from portaudit.model.guard_flavours import MACH_PORT_FLAVOURS, Flavour, flavour_name
from portaudit.model.kobject import TASK_PORTS, THREAD_PORTS
from portaudit.model.rights import RIGHTS_MASK, Right, rights_of
from portaudit.model.snapshot import Entry

_EXCEPTION_BEHAVIOR = 6
_MOD_REFS, _INVALID_RIGHT, _INVALID_VALUE = 2, 0x100, 0x400
_INVALID_NAME, _MOD_REFS_NON_FATAL = 0x200, 0x20_0000
_WANT_A_SEND_RIGHT = frozenset({0x20, 0x400, 0x40_0000})
"""IMMOVABLE, INVALID_VALUE, IMMOVABLE_NON_FATAL."""

_KERN_FAILURE, _SEND_INVALID_RIGHT = 0x4000, 0x40000
_PAYLOAD_SHIFT = 56

_PAYLOADS: dict[int, dict[int, str]] = {
    _MOD_REFS: {
        1: "by mach_port_deallocate or mach_port_mod_refs",
        2: "by mach_port_destroy",
        3: "by moving it in a message",
        4: "by moving it in a message",
    },
    _INVALID_RIGHT: {
        1: "the process does not hold the receive right",
        2: "by mach_port_mod_refs",
        3: "by mach_port_destruct",
        4: "by sending it in a message",
        5: "by mach_port_deallocate",
        6: "by the kernel's own deallocate",
        7: "where a port was expected",
        8: "where a port set was expected",
    },
    _INVALID_VALUE: {1: "by mach_port_peek", 2: "by mach_port_mod_refs", 3: "by mach_port_destruct"},
    _KERN_FAILURE: {
        1: "a task other than launchd armed it on a service port",
        2: "the notification port is not made for notifications",
        3: "launchd does not own the notification port",
        4: "a request is armed already",
    },
    _SEND_INVALID_RIGHT: {
        1: "in a port descriptor",
        2: "in a descriptor of ports out of line",
        3: "in a guarded port descriptor",
    },
}
"""The top byte of the payload by flavour (xnu-11417 and macOS 27 SDK, mach/port.h: MPG_FLAGS_*)."""

_BEHAVIOURS = {1: "EXCEPTION_DEFAULT", 2: "EXCEPTION_STATE", 3: "EXCEPTION_STATE_IDENTITY"}
_BEHAVIOURS |= {4: "EXCEPTION_IDENTITY_PROTECTED", 5: "EXCEPTION_STATE_IDENTITY_PROTECTED"}
_MACH_EXCEPTION_CODES = 0x8000_0000
"""Behaviours of exception ports, and the flag for 64-bit codes (mach/exception_types.h)."""

_FATALITY: dict[Fatal, tuple[str, str]] = {
    Fatal.ALWAYS: ("killed: this flavour kills any process", "killed"),
    Fatal.BY_POLICY: (
        "goes on with a return code only, unless it asked for more (task_set_exc_guard_behavior)",
        "killed: the default since macOS 12 (kern.task_exc_guard_default 0x99)",
    ),
    Fatal.NEVER: (
        "goes on: the kernel only writes a simulated crash report",
        "goes on, with the same report",
    ),
}
"""What becomes of a third-party process, and of a platform or hardened one (osfmk/kern/task.c:535-555)."""


def name_fits(event: GuardEvent, entry: Entry | None) -> bool:
    """Whether the flavour can have been raised for what stands under the event's port name, or nothing.

    It joins a report that names no process to the task whose space fits. INVALID_NAME wants a name that is
    gone, INVALID_RIGHT one without a send right, INVALID_VALUE and IMMOVABLE one with it, MOD_REFS the last
    reference of a task's or thread's own port; an unknown flavour fits any name that is or was there.
    """
    if event.flavour == _INVALID_NAME:
        return entry is None
    if entry is None:
        return event.flavour is None
    sends = Right.SEND in entry.rights or Right.SEND_ONCE in entry.rights
    if event.flavour == _INVALID_RIGHT:
        return not sends
    if event.flavour in (_MOD_REFS, _MOD_REFS_NON_FATAL):
        return entry.kobject in TASK_PORTS | THREAD_PORTS
    return sends or event.flavour not in _WANT_A_SEND_RIGHT


def port_name(event: GuardEvent) -> int | None:
    """Give the port's name in the process that the event is about; None if its target is something else."""
    flavour = MACH_PORT_FLAVOURS.get(event.flavour) if event.flavour is not None else None
    names_a_port = event.guard == MACH_PORT and (flavour is None or flavour.target == "port name")
    return event.target if names_a_port else None


def describe(event: GuardEvent) -> GuardDescription:
    """Put an event into words; guards on other things than Mach ports are named and declined."""
    if event.guard != MACH_PORT:
        return _declined(event)
    flavour = MACH_PORT_FLAVOURS.get(event.flavour) if event.flavour is not None else None
    third_party, platform = _FATALITY[event.fatal] if event.fatal else (None, None)
    return GuardDescription(
        title=_title(event, flavour),
        guard="a Mach port (GUARD_TYPE_MACH_PORT, 1)",
        flavour=_flavour_words(event, flavour),
        target=_target(event, flavour),
        payload=_payload_words(event),
        mistake=_mistake(flavour, event),
        call=_call_words(event),
        third_party=third_party,
        platform=platform,
        hardened=platform,
        happened=_happened(event),
        cause=flavour.cause if flavour else None,
        fix=flavour.fix if flavour else None,
        contradictions=event.contradictions,
    )


def _declined(event: GuardEvent) -> GuardDescription:
    if event.guard is None:
        thing, label = "something that the report does not name", "EXC_GUARD"
    else:
        thing = GUARDED_THINGS.get(event.guard, f"something of guard type {event.guard}")
        label = GUARD_TYPES.get(event.guard, f"guard type {event.guard}")
    number = "" if event.flavour is None else f", flavour 0x{event.flavour:x}"
    return GuardDescription(
        title=f"{_name(event)} ({label}{number})",
        guard=f"{thing} ({label})",
        declined=_why_declined(event, thing),
        flavour=_flavour_words(event, None),
        happened=_happened(event),
        contradictions=event.contradictions,
    )


def _why_declined(event: GuardEvent, thing: str) -> str:
    if event.guard is None:
        return (
            "the source does not say what the guard is on: the lines Exception Subtype, Exception Codes and "
            "Termination Reason are needed, or the line of the kernel's log"
        )
    if event.guard == 0 or event.guard not in GUARD_TYPES:
        return f"no kernel makes this code: its guard type is {event.guard}"
    return f"the guard is on {thing}: portaudit decodes guards on Mach ports"


def _name(event: GuardEvent) -> str:
    known = flavour_name(event.guard, event.flavour)
    if known or event.name:
        return known or event.name or ""
    return "an unknown flavour" if event.flavour is None else f"unknown flavour 0x{event.flavour:x}"


def _flavour_words(event: GuardEvent, flavour: Flavour | None) -> str | None:
    if event.flavour is None:
        return event.name
    constant = flavour_name(event.guard, event.flavour)
    known = f", kGUARD_EXC_{constant}" if constant else ""
    reported = f", reported as {event.name}" if event.name and event.name != constant else ""
    later = f"; known since {flavour.since}" if flavour and flavour.since else ""
    return f"0x{event.flavour:x}{known}{reported}{later}"


def _title(event: GuardEvent, flavour: Flavour | None) -> str:
    target = _target(event, flavour)
    return f"{_name(event)} on {target}" if target else _name(event)


def _target(event: GuardEvent, flavour: Flavour | None) -> str | None:
    """Say what the target is; None for the flavours that have none."""
    if flavour and flavour.target == "nothing":
        return None
    if event.target is None:
        return "a port that the report does not name"
    if flavour and flavour.target != "port name":
        return f"0x{event.target:x} ({_target_words(event, flavour)})"
    return f"name 0x{event.target:x}"


def _target_words(event: GuardEvent, flavour: Flavour) -> str:
    target = event.target or 0
    behaviour = _BEHAVIOURS.get(target & ~_MACH_EXCEPTION_CODES)
    if event.flavour != _EXCEPTION_BEHAVIOR or behaviour is None:
        return flavour.target
    wide = " with MACH_EXCEPTION_CODES" if target & _MACH_EXCEPTION_CODES else ""
    return f"likely the behaviour asked for: {behaviour}{wide}"


def _payload_words(event: GuardEvent) -> str | None:
    if event.payload is None:
        return None
    words = _PAYLOADS.get(event.flavour or 0, {}).get(event.payload >> _PAYLOAD_SHIFT)
    rights = rights_of(event.payload & RIGHTS_MASK) if words and event.flavour == _INVALID_RIGHT else ()
    holds = f"; the name is likely that of: {', '.join(rights)}" if rights else ""
    return f"0x{event.payload:016x}" + (f": {words}{holds}" if words else "")


def _mistake(flavour: Flavour | None, event: GuardEvent) -> str:
    if flavour:
        return f"the call {flavour.mistake}"
    if event.flavour is None and event.call == "mach_port_deallocate":
        return (
            "the report does not name the flavour; mach_port_deallocate raises INVALID_NAME for a name that "
            "is gone already, INVALID_RIGHT for one that is a receive right alone"
        )
    return "not known: the flavour is newer than portaudit's table, or the report does not name it"


def _call_words(event: GuardEvent) -> str | None:
    if event.call is None:
        return None
    return f"{event.call}, called by {event.caller}" if event.caller else event.call


def _happened(event: GuardEvent) -> str | None:
    """Say what the source tells of the process; None where it is only a code."""
    if event.process is None and event.pid is None and not event.killed:
        return None
    name = event.process or "the process"
    who = name if event.pid is None else f"{name} ({event.pid})"
    if not event.killed:
        return f"{who}: the source does not say whether it was killed"
    if event.fatal is Fatal.BY_POLICY:
        return (
            f"{who} was killed: it counts as platform or hardened, asked for it, or runs where the system's "
            f"protection is switched off"
        )
    return f"{who} was killed"
