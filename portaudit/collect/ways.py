"""How a task is reached: which task port, with which call, and what a refusal means for the user."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from portaudit.collect.names import read_names
from portaudit.collect.space_info import read_space
from portaudit.errors import AuditError
from portaudit.mach.library import GivesTaskPort, KernError, Mach, task_port
from portaudit.model.snapshot import Entries

Reader = Callable[[Mach, int], Entries]
NO_OTHERS: Mapping[Reader, Reader] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Door:
    """One way to read a task: the port's flavour, the function that gives it, and the reader."""

    way: str
    flavour: str
    function: GivesTaskPort | None
    """None: the process's own port, which needs no call and no permission."""
    reader: Reader


SELF = Door("space-info", "self", None, read_space)
SELF_NAMES = Door("names", "self", None, read_names)
READ = Door("space-info", "read", "task_read_for_pid", read_space)
CONTROL = Door("space-info", "control", "task_for_pid", read_space)
NAMES = Door("names", "control", "task_for_pid", read_names)

DOORS: dict[str, tuple[Door, ...]] = {
    "auto": (READ, CONTROL, NAMES),
    "space-info": (READ, CONTROL),
    "names": (NAMES,),
}
"""--way -> the doors to try on another task: the least privilege first, and with a port its best reader."""

SELF_DOORS = {"auto": (SELF, SELF_NAMES), "space-info": (SELF,), "names": (SELF_NAMES,)}
"""--way -> the doors to one's own task."""


@contextmanager
def opened(mach: Mach, door: Door, pid: int) -> Iterator[int]:
    """Lend the task port that a door needs; it is given back, unless it is the process's own."""
    if door.function is None:
        yield mach.task_self
        return
    with task_port(mach, door.function, pid) as port:
        yield port


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one task: through which door, and what was behind it."""

    door: Door
    entries: Entries


@dataclass(frozen=True, slots=True)
class Refusal:
    """No door opened: each with the kernel's answer."""

    attempts: tuple[tuple[Door, str], ...]
    pid: int = 0
    """The process that was to be opened."""


def read_task(
    mach: Mach, pid: int, doors: tuple[Door, ...], readers: Mapping[Reader, Reader] = NO_OTHERS
) -> Reading | Refusal:
    """Read a task through the first door that opens; a port that was refused is not asked for twice.

    `readers` names others that shall read in a door's reader's place.
    """
    attempts: list[tuple[Door, str]] = []
    refused: set[str | None] = set()
    for door in doors:
        if door.function in refused:
            continue
        try:
            with opened(mach, door, pid) as port:
                return Reading(door, readers.get(door.reader, door.reader)(mach, port))
        except AuditError as error:
            attempts.append((door, str(error)))
            if isinstance(error, KernError) and error.function == door.function:
                refused.add(door.function)
    return Refusal(tuple(attempts), pid)
