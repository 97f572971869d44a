"""What libSystem tells of the machine and of its processes, beside Mach's own calls."""

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

LIBSYSTEM = "/usr/lib/libSystem.B.dylib"
TEXT_MAX = 1024
"""Bytes of the longest sysctl text that is asked for."""

CS_OPS_STATUS, CS_OPS_ENTITLEMENTS_BLOB = 0, 7  # bsd/sys/codesign.h
ENTITLEMENTS_MAX = 1 << 16
"""Bytes of entitlements that are asked for."""
DEBUGGER = "com.apple.security.cs.debugger"
"""The entitlement of a program that may open others which have get-task-allow."""
GET_TASK_ALLOW, RUNTIME, PLATFORM_BINARY = 0x4, 0x10000, 0x4000000
"""CS_* flags of a process: XNU osfmk/kern/cs_blobs.h."""


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


@dataclass(frozen=True, slots=True)
class CodeSigning:
    """What the signature of a running program says of who may open its task."""

    get_task_allow: bool
    """The entitlement that lets debuggers in."""
    hardened: bool
    """The hardened runtime: not what XNU 11417 calls hardened, which is browser engines."""
    platform: bool
    """One of Apple's own."""


def code_signing(pid: int) -> CodeSigning | None:
    """Ask how the program of a process is signed (csops); None if the system does not tell."""
    flags = ctypes.c_uint32()
    if not _csops(pid, CS_OPS_STATUS, flags):
        return None
    bits = flags.value
    return CodeSigning(bool(bits & GET_TASK_ALLOW), bool(bits & RUNTIME), bool(bits & PLATFORM_BINARY))


def is_entitled(pid: int, entitlement: str) -> bool | None:
    """Whether a process's signature has an entitlement; None if the system does not tell.

    The key is looked for in the property list: what it is set to is not read, for nobody sets one to false.
    """
    blob = ctypes.create_string_buffer(ENTITLEMENTS_MAX)
    told = _csops(pid, CS_OPS_ENTITLEMENTS_BLOB, blob)
    return f"<key>{entitlement}</key>".encode() in blob.raw if told else None


def _csops(pid: int, operation: int, answer: Any) -> bool:
    ask = _function("csops", ctypes.c_int, ctypes.c_uint, ctypes.c_void_p, ctypes.c_size_t)
    return ask is not None and not ask(pid, operation, ctypes.byref(answer), ctypes.sizeof(answer))
