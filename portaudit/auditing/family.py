"""What a host has started, itself or through others: ended in the end, even if the host has gone before."""

import psutil

from portaudit.auditing.keeper import END_SECONDS, Keeper
from portaudit.collect.descendants import end_families


class Family:
    """A process and all that it was seen to have started.

    Whoever loses its parent is nobody's descendant any more, so each is remembered when it is seen.
    """

    def __init__(self, pid: int, keeper: Keeper) -> None:
        self._keeper = keeper
        self._members = {pid: psutil.Process(pid)}

    def look(self) -> None:
        """Remember who is there now, and tell the keeper."""
        for member in list(self._members.values()):
            for child in _children(member):
                if child.pid not in self._members:
                    self._members[child.pid] = child
                    self._keeper.started(child.pid)

    def end(self) -> None:
        """End all of them: asked first, then killed."""
        self.look()
        end_families(self._members.values(), END_SECONDS)
        for pid in self._members:
            self._keeper.ended(pid)


def _children(member: psutil.Process) -> list[psutil.Process]:
    try:
        return member.children(recursive=True)
    except psutil.Error:
        return []
