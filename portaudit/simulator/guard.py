"""How the kernel refuses: a return code, and beside it the guard exceptions that tell on the caller.

A guard exception is not the return code: it is raised on the thread that made the call, whatever space the
call was about (XNU osfmk/ipc/ipc_policy.c:752), and may kill the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from portaudit.mach.constants import GuardFlavor

if TYPE_CHECKING:
    from portaudit.mach.constants import KernReturn
    from portaudit.simulator.iokit import IoReturn
    from portaudit.simulator.space import Space

LAST_FATAL = GuardFlavor.MSG_FILTERED  # MAX_FATAL_kGUARD_EXC_CODE, osfmk/mach/port.h
LAST_OPTIONAL = GuardFlavor.RCV_INVALID_NAME  # MAX_OPTIONAL_kGUARD_EXC_CODE, osfmk/mach/port.h

PINNED_DEALLOC = 1 << 56  # MPG_FLAGS_MOD_REFS_PINNED_*: which call wanted the last reference
PINNED_DESTROY = 2 << 56
PINNED_COPYIN = 4 << 56


class GuardBehavior(IntFlag):
    """TASK_EXC_GUARD_MP_*: what a task wants done about the guards that are not always fatal."""

    NONE = 0
    VM_DELIVER = 0x01
    VM_ONCE = 0x02
    VM_CORPSE = 0x04
    VM_FATAL = 0x08
    MP_DELIVER = 0x10
    MP_ONCE = 0x20
    MP_CORPSE = 0x40
    MP_FATAL = 0x80
    PLATFORM = 0x99  # kern.task_exc_guard_default on macOS, osfmk/kern/task.c:555


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule that was broken, about the name `target`.

    With a `space`, only a caller who broke it in that very space, its own, hears of it: so immovable and
    pinned rights are guarded (osfmk/ipc/ipc_policy.c:777,806).
    """

    flavor: GuardFlavor
    target: int
    payload: int = 0
    space: Space | None = None

    def fatal(self, behavior: GuardBehavior) -> bool:
        """Whether it kills a process of this behaviour (mach_port_guard_ast, osfmk/ipc/ipc_policy.c:830)."""
        if self.flavor <= LAST_FATAL:
            return True
        kills = GuardBehavior.MP_DELIVER | GuardBehavior.MP_FATAL
        return self.flavor <= LAST_OPTIONAL and kills in behavior

    def delivered(self, behavior: GuardBehavior) -> bool:
        """Whether anyone outside the kernel learns of it; for third parties over-release is silent."""
        return self.flavor <= LAST_FATAL or GuardBehavior.MP_DELIVER in behavior


@dataclass(frozen=True, slots=True)
class GuardEvent:
    """A guard exception as it was raised on a process."""

    pid: int
    flavor: GuardFlavor
    target: int
    payload: int
    fatal: bool
    delivered: bool


class RefusalError(Exception):
    """A kernel routine ends with `code` and no results; `guards` were raised on the way."""

    def __init__(self, code: KernReturn | IoReturn, *guards: Guard) -> None:
        super().__init__(code, *guards)
        self.code = code
        self.guards = guards
