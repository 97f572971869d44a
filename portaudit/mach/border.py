"""The border of this process's memory: what a kernel answered, held against the C type it is written into.

What stands in for a kernel is another process: its answers are bytes and numbers of any length. Nothing is
copied that has not the length and the range of the place that it goes to.
"""

import ctypes
from reprlib import repr  # noqa: A004  an answer may be millions of bytes long
from typing import Any

from portaudit.errors import KernelNonsense

WORD = range(-(2**31), 2**32)


def number(c_type: Any, value: object) -> int:
    """Give a number that fits the integer type. Raises KernelNonsense for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or c_type(value).value != value:
        raise KernelNonsense(f"a kernel answered {repr(value)} where a {c_type.__name__} belongs")
    return value


def numbers(c_type: Any, value: object) -> list[int]:
    """Give a list of numbers that all fit. Raises KernelNonsense for anything else."""
    if not isinstance(value, list):
        raise KernelNonsense(f"a kernel answered {repr(value)} where numbers belong")
    return [number(c_type, one) for one in value]


def words(value: object) -> list[int]:
    """Give 32-bit words, signed or not, as a port's status has both. Raises KernelNonsense otherwise."""
    if not isinstance(value, list) or not all(isinstance(one, int) and one in WORD for one in value):
        raise KernelNonsense(f"a kernel answered {repr(value)} where 32-bit words belong")
    return value


def image(c_type: Any, value: bytes) -> bytes:
    """Give the bytes of a structure, which has one size, or of a text, which ends with a zero byte.

    Raises KernelNonsense if they would not fill the structure, or not end within the text's buffer.
    """
    size = ctypes.sizeof(c_type)
    if issubclass(c_type, ctypes.Array):
        if len(value) > size or not value.endswith(b"\0"):
            raise KernelNonsense(f"a kernel answered a text of {len(value)} bytes for a buffer of {size}")
    elif len(value) != size:
        raise KernelNonsense(f"a kernel answered {len(value)} bytes where {c_type.__name__} has {size}")
    return value


def array(c_type: Any, value: object) -> Any:
    """Give a C array of these elements: the bytes of whole ones, or numbers.

    Raises KernelNonsense if they are neither.
    """
    if isinstance(value, bytes):
        size = ctypes.sizeof(c_type)
        if len(value) % size:
            raise KernelNonsense(f"a kernel answered {len(value)} bytes as elements of {size} bytes")
        return (c_type * (len(value) // size)).from_buffer_copy(value)
    if issubclass(c_type, ctypes.Structure):
        if value:
            raise KernelNonsense(f"a kernel answered {repr(value)} where {c_type.__name__} belong")
        return (c_type * 0)()
    elements = numbers(c_type, [] if value is None else value)
    return (c_type * len(elements))(*elements)
