"""Names and literals whose truth is known, and calls that stand for their argument."""

from __future__ import annotations

import re

from portaudit.lint.program import Const

NONE = frozenset(
    {
        *("KERN_SUCCESS", "MACH_PORT_NULL", "MACH_PORT_DEAD", "IO_OBJECT_NULL", "TASK_NULL", "THREAD_NULL"),
        *("MACH_MSG_SUCCESS", "BOOTSTRAP_SUCCESS", "kIOReturnSuccess", "HOST_NULL", "SEMAPHORE_NULL"),
        *("NULL", "nullptr", "nil", "Nil", "false", "FALSE", "NO", "ERR_SUCCESS", "err_none", "noErr"),
        *("IPC_VOUCHER_NULL", "MACH_VOUCHER_NULL", "TASK_NAME_NULL", "THREAD_ACT_NULL", "CLOCK_NULL"),
    }
)
"""What compares equal to 0, or says that there is no right (MACH_PORT_DEAD) or that a call succeeded."""

THROUGH = frozenset(
    {
        *("static_cast", "reinterpret_cast", "const_cast", "dynamic_cast", "move", "forward", "exchange"),
        *("__builtin_expect", "likely", "unlikely", "LIKELY", "UNLIKELY"),
    }
)
"""What gives back its first argument, as far as rights go."""

BOXES = frozenset(
    {"numberWithUnsignedInt:", "numberWithUnsignedInteger:", "numberWithInt:", "numberWithInteger:"}
)
"""What makes an object of a number: whoever keeps it has the name."""

SOME = frozenset({"true", "TRUE", "YES"})
FAILED = re.compile(r"(KERN|BOOTSTRAP|MACH_(SEND|RCV|MSG)|kIOReturn|MIG)_?[A-Z]\w*\Z")
CONSTANT = re.compile(r"k?[A-Z][A-Z0-9_]*\Z|k[A-Z]\w+\Z")


def named(text: str) -> Const | None:
    """Give the constant that a name stands for; None for a name of a variable."""
    if text in NONE:
        return Const(text, truth=False)
    if text in SOME or FAILED.match(text):
        return Const(text, truth=True)
    return Const(text) if CONSTANT.match(text) else None


def number(text: str) -> Const:
    """Give a number as a constant."""
    try:
        value = int(text.rstrip("uUlL").replace("_", "").replace("'", ""), 0)
    except ValueError:
        return Const(text, truth=None)
    return Const(text, truth=value != 0)
