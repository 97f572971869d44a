"""Boots GNU Mach and asks its bootstrap task: one line there, one line back; a whole port space, too."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.gnumach.qemu import QEMU, Qemu, require
from portaudit.mach.constants import KernReturn, PortRight, PortType

ANSWER_SECONDS = 30.0

Request = tuple[str | int, ...]
"""A command, and its numbers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The kernel's return code, as C's signed int, and the numbers that came with it."""

    code: int
    numbers: tuple[int, ...] = ()


class Machine:
    """One booted GNU Mach: `with Machine(folder) as machine`.

    It ends with the block, with the first failure, and with this process, even if that is killed.
    """

    def __init__(self, folder: Path, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Boot what stands in the folder; an answer may take so many seconds."""
        require([QEMU])
        self.answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._requests = 0
        self._pending = b""
        start = time.monotonic()
        self._qemu = Qemu(folder)
        try:
            self._expect_ready()
        except BaseException:
            self.close()
            raise
        self.boot_seconds = time.monotonic() - start

    def __enter__(self) -> Self:
        """Give the machine, which runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the machine."""
        self.close()

    def close(self) -> None:
        """End the machine."""
        self._qemu.close()

    @property
    def pid(self) -> int:
        """QEMU's process id."""
        return self._qemu.pid

    def ask(self, command: str, *numbers: int) -> Answer | None:
        """Put one request and give its answer; None says that the task in question has ended.

        Raises KernelUnavailable if the machine has ended or does not answer in time, KernelNonsense if it
        answers what its program cannot; there is no talking to it afterwards.
        """
        (answer,) = self.ask_all([(command, *numbers)])
        return answer

    def ask_all(self, requests: Sequence[Request]) -> list[Answer | None]:
        """Put several requests at once and give their answers, as `ask` does: one wait for all of them."""
        with self._lock:
            try:
                deadline = time.monotonic() + self.answer_seconds
                self._qemu.write(b"".join(map(_line_of, requests)), deadline)
                return [self._next_answer(deadline) for _ in requests]
            except BaseException:
                # An answer that was not waited for would be taken for the next one's
                self.close()
                raise

    def _next_answer(self, deadline: float) -> Answer | None:
        self._requests += 1
        return self._answer(deadline)

    def _expect_ready(self) -> None:
        ready = self._answer(time.monotonic() + self.answer_seconds)
        if ready != Answer(0):
            raise KernelUnavailable(f"GNU Mach's bootstrap task could not start: {ready}")

    def _answer(self, deadline: float) -> Answer | None:
        return parse_answer(self._line(deadline), self._requests)

    def _line(self, deadline: float) -> bytes:
        pieces = [self._pending]
        while b"\n" not in pieces[-1]:
            pieces.append(self._qemu.read(deadline))
        line, self._pending = b"".join(pieces).split(b"\n", 1)
        return line


def _line_of(request: Request) -> bytes:
    command, *numbers = request
    words = [str(command), *(format(int(number) & 0xFFFFFFFF, "x") for number in numbers)]
    return " ".join(words).encode() + b"\n"


def parse_answer(line: bytes, request: int) -> Answer | None:
    """Read the answer to the request of that number: None if the task has ended.

    Raises KernelNonsense if it is none: out of step, refused, or no answer at all.
    """
    try:
        number, *words = line.decode("ascii").split()
        if int(number, 16) == request:
            match words:
                case ["answered", code, *numbers]:
                    return Answer(signed(int(code, 16)), tuple(int(number, 16) for number in numbers))
                case ["ended"]:
                    return None
    except ValueError:
        pass
    raise KernelNonsense(f"GNU Mach's bootstrap task answered {line[:60]!r}")


def signed(number: int) -> int:
    """Read 32 bits as C's int."""
    return number - (1 << 32) if number >> 31 else number


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
