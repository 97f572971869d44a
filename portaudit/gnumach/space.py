"""A whole port space as GNU Mach's bootstrap task tells it, in one answer."""

from collections.abc import Iterator

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.gnumach.driver import Answer
from portaudit.mach.constants import KernReturn, PortRight, PortType

# GNU Mach's MACH_PORT_TYPE_MAREQUEST and _COMPAT stand where XNU has its send-possible requests
TYPE_BITS = PortType.ALL_RIGHTS | PortType.DNREQUEST

Space = dict[int, tuple[PortType, dict[PortRight, int]]]
"""Each name's type, and the user references of each right that it has."""


def read_space(answer: Answer) -> Space:
    """Read what the request "space" gave. Raises KernelUnavailable if the task has no space any more."""
    if answer.code != KernReturn.KERN_SUCCESS:
        raise KernelUnavailable(f"a GNU Mach task has no space: {answer.code}")
    return dict(_entries(iter(answer.numbers)))


def _entries(numbers: Iterator[int]) -> Iterator[tuple[int, tuple[PortType, dict[PortRight, int]]]]:
    try:
        for name in numbers:
            bits = PortType(next(numbers) & TYPE_BITS)
            rights = [right for right in PortRight if bits & PortType.ALL_RIGHTS & 1 << right + 16]
            yield name, (bits, {right: next(numbers) for right in rights})
    except StopIteration as error:
        raise KernelNonsense("GNU Mach's bootstrap task told half a space") from error
