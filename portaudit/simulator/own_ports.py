"""What a task may not do with its own control ports: give the last reference away, or the right itself.

Up to macOS 15 these are properties of the port, and a platform task has a port of its own for them (see
task.make_control_ports). From macOS 26 on they are properties of the entry in the task's own space: the last
reference of any task's own control ports is pinned, and a platform task's cannot be sent.

The rules of 26 are read from a newer XNU than the one whose recordings the simulator is held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import GuardFlavor, KernReturn
from portaudit.simulator.guard import Guard, RefusalError

if TYPE_CHECKING:
    from portaudit.simulator.port import Port
    from portaudit.simulator.space import Space

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
