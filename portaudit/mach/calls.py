"""What stands behind the C API: anything that answers kernel calls on behalf of one task.

A call crosses this border as its C name and its plain inputs, and comes back as the return code
and its plain outputs, so that it can be played in one process or over a socket alike.
"""

from typing import NamedTuple, Protocol, TypeAlias

SYSTEM_CALL_FAILED = -1
"""What a BSD system call answers: task_read_for_pid and task_inspect_for_pid are such."""

Value: TypeAlias = int | bytes | list[int] | None
"""An input or an output: a number, a structure's or message's bytes, or an array of numbers."""


class Reply(NamedTuple):
    """A call's return code, and its outputs in the order of the prototype's out-parameters."""

    code: int
    outputs: tuple[Value, ...] = ()
    errno: int = 0
    """Why a BSD system call failed; Mach's own calls leave nothing there."""


def failed_system_call(reason: int, outputs: tuple[Value, ...] = ()) -> Reply:
    """Give the answer of a BSD system call that failed: -1, and the reason in errno."""
    return Reply(SYSTEM_CALL_FAILED, outputs, reason)


class KernelCalls(Protocol):
    """Answers the kernel calls of one task."""

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Answer one call, inputs in the order of the prototype's in-parameters.

        Raises portaudit.errors.KernelUnavailable if nothing answers any more, and
        NotImplementedError, naming the call, for what this kernel does not have.
        """
