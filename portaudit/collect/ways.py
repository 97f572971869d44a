"""How a task is reached: which task port, with which call, and what a refusal means, in the user's words.

Who may open whose task port is decided by AMFI and taskgated, whose sources nobody has: where an advice rests
on a report, it says which.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from portaudit.collect.names import read_names
from portaudit.collect.space_info import read_space
from portaudit.errors import AuditError
from portaudit.mach.library import GivesTaskPort, KernError, Mach, task_port
from portaudit.mach.system import DEBUGGER, CodeSigning, code_signing, is_entitled
from portaudit.model.snapshot import Entries
from portaudit.model.way import XNU

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


STANDING_IN = "the stand-in kernel knows only processes that are connected to it, and may be told to refuse"

BY_ROOT = (
    "run this by sudo: root is reported to open such a program with System Integrity Protection on "
    "(py-spy#242)"
)
SIGN_IT = (
    "if it is yours, sign it with get-task-allow, as Xcode's debug builds are: codesign -f -s - "
    "--entitlements FILE PROGRAM (portaudit-doctor(1) has the file)"
)
BY_A_DEBUGGER = (
    "read it with a Python of your own that is signed with com.apple.security.cs.debugger: reported to open "
    "it as a user, with System Integrity Protection on (mach2#30); portaudit-doctor(1) tells how"
)
NO_DEBUGGER = f"without {DEBUGGER}: as a user it opens no task port of others"
SIGNED_AS_ONE = (
    "this Python is signed as a debugger, and was refused all the same: is developer mode on "
    "(`DevToolsSecurity -status`)?"
)
SIGN_A_PYTHON = (
    "to read programs with get-task-allow as a user, sign a copy of this Python as a debugger, whoever has "
    "built it (portaudit-doctor(1) tells how); root, lsmp and the probe need none of it"
)
HARDENED = (
    "it has the hardened runtime and no get-task-allow, and is refused to root, too, as reported of "
    "python.org's Python (cpython#137033)"
)
PROBE = "let it write a probe record of itself (`portaudit probe --example`), which needs no permission"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides which door may open: who asks, and how the target is signed."""

    root: bool
    signing: CodeSigning | None
    """None where the system does not tell."""
    debugger: bool = False
    """Whether this Python is signed as a debugger."""

    @property
    def lsmp(self) -> str:
        """How to let Apple's own program read."""
        return "let Apple's lsmp read it: --way lsmp" + ("" if self.root else " --sudo")


def circumstances(pid: int) -> Circumstances:
    """Look who asks, and how a process is signed."""
    return Circumstances(os.geteuid() == 0, code_signing(pid), bool(is_entitled(os.getpid(), DEBUGGER)))


def advise(refusal: Refusal, kind: str) -> str:
    """Say in one sentence why no door opened, and what would help on this kind of kernel."""
    tried = "; ".join(f"{door.way} by the {door.flavour} port: {answer}" for door, answer in refusal.attempts)
    if kind != XNU:
        return f"no way in ({tried}); {STANDING_IN}"
    here = circumstances(refusal.pid)
    why, *steps = _steps(here)
    shortest = BY_ROOT if BY_ROOT in steps and here.signing else here.lsmp
    return f"no way in ({tried}); {why}: {shortest}; `portaudit doctor {refusal.pid}` names every way"


def advice(here: Circumstances) -> str:
    """Say what the target is, and all that opens it: the nearest way first."""
    why, *steps = _steps(here)
    return f"{why}: {'; or '.join([*steps, PROBE])}"


def _steps(here: Circumstances) -> tuple[str, ...]:
    sign_it = SIGN_IT if here.root else f"{SIGN_IT}, and read it by sudo"
    signing, by_root = here.signing, () if here.root else (BY_ROOT,)
    perhaps = f"{here.lsmp}, which is reported to print nothing of some programs (AirBattery#207)"
    if signing is None:
        return ("how it is signed is not known", perhaps, *by_root, sign_it)
    if signing.platform:
        return ("it is a program of Apple's, which only Apple's own tools may open", here.lsmp)
    if signing.get_task_allow:
        by_user = SIGNED_AS_ONE if here.debugger else BY_A_DEBUGGER
        return ("it has get-task-allow", by_user, *by_root, perhaps)
    if signing.hardened:
        return (HARDENED, sign_it, perhaps)
    return ("it is neither Apple's nor hardened", *by_root, perhaps, sign_it)
