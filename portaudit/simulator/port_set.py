"""A port set: receive rights that one receive can serve."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.mach.constants import KernReturn
from portaudit.simulator.guard import RefusalError

if TYPE_CHECKING:
    from portaudit.simulator.port import Port


@dataclass(eq=False, slots=True, repr=False)
class PortSet:
    """A set of ports; `_ready` holds those that had messages, in the order in which they are served."""

    object_id: int
    members: list[Port] = field(default_factory=list)
    _ready: deque[Port] = field(default_factory=deque)

    def add(self, port: Port) -> None:
        """Add a port, or refuse with KERN_ALREADY_IN_SET. A port can be in several sets."""
        if port in self.members:
            raise RefusalError(KernReturn.KERN_ALREADY_IN_SET)
        self.members.append(port)
        port.sets.append(self)
        if port.queue:
            self.prepost(port)

    def remove(self, port: Port) -> None:
        """Take a port out, or refuse with KERN_NOT_IN_SET."""
        if port not in self.members:
            raise RefusalError(KernReturn.KERN_NOT_IN_SET)
        self.members.remove(port)
        port.sets.remove(self)
        if port in self._ready:
            self._ready.remove(port)

    def prepost(self, port: Port) -> None:
        """Note that a member has messages."""
        if port not in self._ready:
            self._ready.append(port)

    def next_ready(self) -> Port | None:
        """Choose the member to receive from: each in turn (waitq_set_first_prepost, osfmk/kern/waitq.c)."""
        while self._ready:
            port = self._ready.popleft()
            if port.queue:
                self._ready.append(port)
                return port
        return None

    def destroy(self) -> None:
        """Let all members go. They keep their messages."""
        for port in list(self.members):
            self.remove(port)
