"""Taking a snapshot: every wanted task through its best door, again until two readings agree.

And which machine this is, as a snapshot tells it. Ctrl-C does not tear a reading apart: a stand-in kernel
answers inside a callback, where C loses it.
"""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

from portaudit.collect.process import is_same
from portaudit.collect.space_info import NOTHING, read_space
from portaudit.collect.ways import DOORS, SELF_DOORS, Reading, Refusal, read_task
from portaudit.mach.library import Mach
from portaudit.model.rights import RIGHTS_MASK
from portaudit.model.snapshot import Entries, Machine, NotRead, Process, Task
from portaudit.progress import Progress, in_silence

FEWEST = 5
"""Readings before it is said that they never agree: on a busy machine the time is soon over."""

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Target:
    """A process to read, and its role if it has one."""

    process: Process
    role: str | None = None
    how: str | None = None
    """What told that it is the one that was meant, if that was no matter of course."""

    @property
    def note(self) -> tuple[str, ...]:
        """A sentence of how it was found, or none."""
        called = f"{self.process.name or 'process'} ({self.process.pid})"
        return (f"{called} is taken for the {self.role}: {self.how}",) if self.how else ()


@dataclass(frozen=True, slots=True)
class Settled:
    """The last reading, and whether the one before it said the same.

    None if that was not tried, or if there was nothing to compare: no task could be read.
    """

    tasks: tuple[Task, ...]
    settled: bool | None


def read_settled(  # noqa: PLR0913  each has a name
    mach: Mach,
    targets: Sequence[Target],
    way: str,
    seconds: float,
    advice: Callable[[Refusal], str],
    *,
    second_try: Callable[[Task], Task] | None = None,
    progress: Progress = in_silence,
) -> Settled:
    """Read the targets until two readings agree, as `settled` does.

    `advice` turns a refusal into the sentence that says what would help; `second_try` reads a task that no
    door opened to in another way, if it can.
    """
    readers = [_Reader(mach, target, way, advice) for target in targets]

    def read() -> tuple[Task, ...]:
        with uninterrupted():
            tasks = tuple(reader.read() for reader in readers)
        return tuple(second_try(task) if second_try and task.not_read else task for task in tasks)

    return settled(read, seconds, progress)


def settled(read: Callable[[], tuple[Task, ...]], seconds: float, progress: Progress = in_silence) -> Settled:
    """Read until two readings agree, for at most so many seconds; 0 reads once.

    Where five readings take longer, five are taken. Where nothing can be read, one reading will do.
    """
    progress("reading", 0)
    tasks = read()
    if not seconds or all(task.entries is None for task in tasks):
        return Settled(tasks, None)
    began, pause, readings = time.monotonic(), FIRST_PAUSE, 1
    while readings < FEWEST or time.monotonic() < began + seconds:
        waited = time.monotonic() - began
        progress(f"settling, {waited:.1f} of {seconds:g} s", min(waited / seconds, 1))
        time.sleep(pause)
        previous, tasks = tasks, read()
        if all(map(agree, previous, tasks)):
            return Settled(tasks, settled=True)
        pause, readings = min(pause * 2, LONGEST_PAUSE), readings + 1
    return Settled(tasks, settled=False)


def agree(first: Task, second: Task) -> bool:
    """Whether two readings of a task say the same: names, rights, references, objects and queues."""
    one, two = first.entries, second.entries
    if one is None or two is None:
        return one is two
    return _essence(one) == _essence(two)


def _essence(entries: Entries) -> tuple[object, ...]:
    rights = [bits & RIGHTS_MASK for bits in entries.type]
    return entries.name, rights, entries.urefs, entries.object, entries.receive.queued


class _Reader:
    """Reads one target as often as it takes; counts every call, and asks nothing twice that cannot change."""

    def __init__(self, mach: Mach, target: Target, way: str, advice: Callable[[Refusal], str]) -> None:
        self._mach = mach
        self._target = target
        self._own = target.process.pid == os.getpid()
        self._doors = (SELF_DOORS if self._own else DOORS)[way]
        self._advice = advice
        self._calls: Counter[str] = Counter()
        self._before = NOTHING

    def read(self) -> Task:
        """Read once more; the calls are those of all readings so far."""
        process, role = self._target.process, self._target.role
        outcome = self._outcome()
        calls = dict(self._calls)
        if not is_same(process):
            gone = f"process {process.pid} exited while it was read"
            return Task(process, role, not_read=NotRead(gone), calls=calls)
        if isinstance(outcome, Refusal):
            return Task(process, role, not_read=NotRead(self._advice(outcome)), calls=calls)
        door, entries = outcome.door, outcome.entries
        own_object = process.pid if door.way == "names" else self._own_object(entries)
        return Task(process, role, door.way, door.flavour, own_object, entries, calls=calls)

    def _outcome(self) -> Reading | Refusal:
        counted = self._mach.counts.copy()
        outcome = read_task(self._mach, self._target.process.pid or 0, self._doors, {read_space: self._space})
        self._calls += self._mach.counts - counted
        return outcome

    def _space(self, mach: Mach, port: int) -> Entries:
        self._before = read_space(mach, port, self._before)
        return self._before

    def _own_object(self, entries: Entries) -> int | None:
        if not self._own or self._mach.task_self not in entries.name:
            return None
        return entries.object[entries.name.index(self._mach.task_self)]


SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait until the block has ended; keep it short.

    In another thread than the main one, which gets no signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


SW_VERS = "/usr/bin/sw_vers"
VERSION_FILE = "/System/Library/CoreServices/SystemVersion.plist"
SECONDS = 5.0
"""How long sw_vers may take."""


def this_machine(boot: str | None, kernel: str) -> Machine:
    """Tell the machine, its system, the boot and the kind of kernel that answers."""
    return Machine(platform.machine(), system(), boot, kernel)


@cache
def system() -> str:
    """Name the system and its release: macOS 26.1, Linux 6.8."""
    if sys.platform == "darwin":
        return f"macOS {_product_version()}"
    return f"{platform.system()} {platform.release()}"


def _product_version() -> str:
    """Ask Apple's own sw_vers: a Python built with an older SDK is told a release that never was.

    macOS 26 says 16.0 to such a program, platform.mac_ver() too (python/cpython#135675).
    """
    try:
        answer = subprocess.run(  # noqa: S603  a fixed command
            [SW_VERS, "-productVersion"], capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return answer.stdout.strip() or _version_on_file()
    except (OSError, subprocess.SubprocessError):
        return _version_on_file()


def _version_on_file() -> str:
    try:
        import plistlib  # noqa: PLC0415  it takes an XML parser, and no other system needs it

        return str(plistlib.loads(Path(VERSION_FILE).read_bytes())["ProductVersion"])
    except (OSError, ValueError, KeyError):
        return platform.mac_ver()[0]
