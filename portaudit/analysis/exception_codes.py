"""Read the bare number of an exception, which may be that of a guard or of a resource that ran out."""

import re
from dataclasses import replace

from portaudit.errors import UsageError
from portaudit.model.guard import (
    CODE_MASK,
    GUARD_TYPES,
    MACH_PORT,
    GuardEvent,
    event_of_code,
    event_of_upper_half,
)
from portaudit.model.guard_flavours import flavour_name
from portaudit.model.resource import NAMES_MASK, RESOURCES, ResourceEvent, resource_of_code

_NUMBER = re.compile(
    r"\s*(?P<sign>-)?(?:(?P<hex>0x)(?=[0-9a-f]{1,16}\s*\Z)|(?=[0-9]{1,20}\s*\Z))(?P<digits>[0-9a-f]+)\s*",
    re.IGNORECASE | re.ASCII,
)

_TYPE_IN_HALF = 29
"""Where the type stands in the upper half of a code."""

_NO_FLAVOUR = 0x400_0000
"""No flavour of a guard is as large: the bits belong to a resource's flavour."""

_EXCEPTIONS = {
    1: "EXC_BAD_ACCESS",
    2: "EXC_BAD_INSTRUCTION",
    3: "EXC_ARITHMETIC",
    5: "EXC_SOFTWARE",
    6: "EXC_BREAKPOINT",
    10: "EXC_CRASH",
    11: "EXC_RESOURCE",
    12: "EXC_GUARD",
    13: "EXC_CORPSE_NOTIFY",
}
"""<mach/exception_types.h>: what somebody may type who was asked for a code."""

_LEAST_NAME = 0x103
_NAME_BITS = 0x3
"""A port's name is at least so large, and ends so (ipc/port.h, MACH_PORT_MAKE)."""

_EXAMPLE = "0x2000020000002703"


def parse_code(text: str, payload: str | None = None) -> GuardEvent:
    """Read an exception code, and its subcode, in hex (0x...) or decimal, signed or not.

    Raises UsageError if it is no number of 64 bits.
    """
    return event_of_code(_number(text), None if payload is None else _number(payload))


def readings_of_code(text: str, payload: str | None = None) -> tuple[GuardEvent, ResourceEvent | None]:
    """Read a bare number as the code of a guard exception, or as that of a resource if only that can be.

    A number of 32 bits is the upper half of a code, which is all that a minidump holds: there is no guard
    type 0. Raises UsageError as parse_code does.
    """
    guard = parse_code(text, payload)
    code = _number(text)
    half = not guard.guard and not guard.flavour and code >> _TYPE_IN_HALF
    if half:
        guard, code = event_of_upper_half(code), code << 32
    resource = resource_of_code(code)
    if not resource.known or (guard.flavour or 0) < _NO_FLAVOUR:
        return guard, None
    return guard, replace(resource, names=None) if half else resource


def otherwise(source: str, event: GuardEvent | ResourceEvent) -> str | None:
    """Say what else a bare number could be, where it is one; None for a file, or where nothing else fits."""
    try:
        code = _number(source)
    except UsageError:
        return None
    code = code << 32 if code >> 32 == 0 else code
    guard, resource = event_of_code(code), resource_of_code(code)
    if isinstance(event, ResourceEvent):
        label = GUARD_TYPES.get(guard.guard or 0, f"guard type {guard.guard}")
        return (
            f"as a code of EXC_GUARD it would be {label}, flavour 0x{guard.flavour:x}: no kernel has that one"
        )
    certain = guard.guard == MACH_PORT and flavour_name(guard.guard, guard.flavour)
    if not guard.guard or certain or resource.type not in RESOURCES:
        return None
    return (
        f"as a code of EXC_RESOURCE it would be {RESOURCES[resource.type]}, flavour {resource.flavour}: "
        f"{'a kernel has that one, too' if resource.known else 'no kernel has that one'}"
    )


def no_code(source: str) -> str | None:
    """Say what a number is that is too small for an exception's code; None of any other."""
    try:
        number = _number(source)
    except UsageError:
        return None
    if number in _EXCEPTIONS:
        return (
            f"{number} is the exception {_EXCEPTIONS[number]} itself: decode the code that stands beside it, "
            f"such as {_EXAMPLE}"
        )
    if _LEAST_NAME <= number < 1 << _TYPE_IN_HALF and number & _NAME_BITS == _NAME_BITS:
        return (
            f"0x{number:x} looks like a port's name, not like a code such as {_EXAMPLE}: "
            f"`portaudit show FILE` tells what it denotes"
        )
    if 0 < number <= NAMES_MASK:
        return (
            f"{number} is too small for a code such as {_EXAMPLE}. The `codes` of a report hold the low bits "
            f"alone: of ports, {number:,} names in use. The whole code stands in `termination`, or in the "
            f"line Termination Reason"
        )
    return None


def _number(text: str) -> int:
    found = _NUMBER.fullmatch(text)
    value = int(found["digits"], 16 if found["hex"] else 10) if found else CODE_MASK + 1
    if found is None or value > CODE_MASK:
        raise UsageError(
            f"{text[:40]!r} is no exception code: that is a number of 64 bits, such as {_EXAMPLE}"
        )
    return -value & CODE_MASK if found["sign"] else value
