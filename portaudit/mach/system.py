"""What libSystem tells of the machine and of its processes, beside Mach's own calls."""

import ctypes
from functools import cache
from typing import Any

LIBSYSTEM = "/usr/lib/libSystem.B.dylib"
TEXT_MAX = 1024
"""Bytes of the longest sysctl text that is asked for."""


@cache
def libsystem() -> ctypes.CDLL:
    """Open macOS's own libSystem, once. Raises OSError where there is none."""
    return ctypes.CDLL(LIBSYSTEM, use_errno=True)


def sysctl_text(name: str) -> str | None:
    """Give a text that the kernel keeps (sysctlbyname(3)); None if it has none of this name, or is no XNU."""
    text = ctypes.create_string_buffer(TEXT_MAX)
    size = ctypes.c_size_t(TEXT_MAX)
    arguments = (
        ctypes.c_char_p,
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_size_t),
        ctypes.c_void_p,
        ctypes.c_size_t,
    )
    ask = _function("sysctlbyname", *arguments)
    if ask is None or ask(name.encode(), text, ctypes.byref(size), None, 0):
        return None
    return text.value.decode("utf-8", "replace") or None


def responsible_for(pid: int) -> int | None:
    """Give the process that the system holds responsible for another one; None if it does not tell.

    Of an XPC service or an app extension that is the app that it serves, whose child it is not.
    responsibility_get_pid_responsible_for_pid is exported by libSystem and declared in no header.
    """
    ask = _function("responsibility_get_pid_responsible_for_pid", ctypes.c_int)
    responsible = ask(pid) if ask is not None else 0
    return int(responsible) if responsible > 0 else None


@cache
def _function(name: str, *arguments: Any) -> Any:
    try:
        function = getattr(libsystem(), name)
    except (OSError, AttributeError):
        return None
    function.argtypes, function.restype = arguments, ctypes.c_int
    return function
