"""How the kernel refuses: a return code, and beside it the guard exceptions that tell on the caller.

And what a task may not do with its own control ports: give the last reference away, or the right itself.
Up to macOS 15 these are properties of the port, and a platform task has a port of its own for them (see
task.make_control_ports). From macOS 26 on they are properties of the entry in the task's own space: the last
reference of any task's own control ports is pinned, and a platform task's cannot be sent. The rules of 26
are read from a newer XNU than the one whose recordings the simulator is held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from portaudit.mach.constants import GuardFlavor, KernReturn

if TYPE_CHECKING:
    from portaudit.simulator.iokit import IoReturn
    from portaudit.simulator.port import Port
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


RULES_IN_THE_ENTRY = 26
"""The macOS from which on the entry, and not the port, says what is pinned and immovable."""


def is_pinned(space: Space, port: Port) -> bool:
    """Whether the space may not lose its last reference to the port."""
    return port.pinned or (space.ipc.macos >= RULES_IN_THE_ENTRY and _is_own(space, port))


def is_immovable(space: Space, port: Port) -> bool:
    """Whether the space may not send its right to the port."""
    ruled = space.ipc.macos >= RULES_IN_THE_ENTRY and space.task.platform
    return port.immovable_send or (ruled and _is_own(space, port))


def _is_own(space: Space, port: Port) -> bool:
    return port in (space.task.self_port, space.task.thread.self_port)


def pinned(space: Space, name: int, payload: int) -> RefusalError:
    """Refuse to drop the last reference to a pinned port: fatal for a platform task, for others soft."""
    flavor = GuardFlavor.MOD_REFS if space.task.platform else GuardFlavor.MOD_REFS_NON_FATAL
    return RefusalError(KernReturn.KERN_INVALID_CAPABILITY, Guard(flavor, name, payload, space))
