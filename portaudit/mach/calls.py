"""What stands behind the C API: anything that answers kernel calls on behalf of one task.

A call crosses this border as its C name and its plain inputs, and comes back as the return code
and its plain outputs, so that it can be played in one process or over a socket alike.
"""

from typing import NamedTuple, Protocol, Self, TypeAlias

SYSTEM_CALL_FAILED = -1
"""What a BSD system call answers: task_read_for_pid and task_inspect_for_pid are such."""

Value: TypeAlias = int | bytes | list[int] | None
"""An input or an output: a number, a structure's or message's bytes, or an array of numbers."""


class Reply(NamedTuple):
    """A call's return code, and its outputs in the order of the prototype's out-parameters."""

    code: int
    outputs: tuple[Value, ...] = ()

    @property
    def errno(self) -> int:
        """Give what the call left in errno; Mach's own calls leave nothing there."""
        return 0


class FailedSystemCall(Reply):
    """The answer of a BSD system call that failed: -1, and the reason in errno."""

    reason: int

    def __new__(cls, reason: int, outputs: tuple[Value, ...] = ()) -> Self:
        """Answer -1 with this errno."""
        reply = super().__new__(cls, SYSTEM_CALL_FAILED, outputs)
        reply.reason = reason
        return reply

    @property
    def errno(self) -> int:
        """Give the reason."""
        return self.reason


class KernelCalls(Protocol):
    """Answers the kernel calls of one task."""

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Answer one call, inputs in the order of the prototype's in-parameters.

        Raises portaudit.errors.KernelUnavailable if nothing answers any more, and
        NotImplementedError, naming the call, for what this kernel does not have.
        """
