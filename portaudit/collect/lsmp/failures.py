"""What lsmp says about tasks that it could not read."""

from dataclasses import dataclass, field

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import text_of
from portaudit.model.snapshot import NotRead, Process, Task

KEPT = 1000
"""More tasks than any Mac runs: what goes on beyond is a hostile file."""


@dataclass(slots=True)
class Failures:
    """Collects lsmp's complaints, from standard output or, where both were caught, standard error."""

    ignored: list[int] = field(default_factory=list)
    """lsmp's own names for the tasks that `-a` left out."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Pid and error of each task whose space it could not read; these go to standard error."""
    calls: int = 0
    not_root: bool = False

    def take(self, line: bytes) -> bool:
        """Understand a line, if it is a complaint."""
        if found := layout.IGNORING.match(line):
            self.ignored += [int(found[1])] if len(self.ignored) < KEPT else []
        elif found := layout.SPACE_FAILED.match(line):
            self.refused += [(int(found[1]), text_of(found[2]))] if len(self.refused) < KEPT else []
        elif layout.NOT_ROOT.match(line):
            self.not_root = True
        elif layout.CALL_FAILED.match(line):
            self.calls += 1
        else:
            return False
        return True

    def tasks(self) -> list[Task]:
        """Give one task for each that lsmp could not read; its pid is None unless lsmp told it."""
        known = [
            Task(Process(pid), way="lsmp", not_read=NotRead(f"lsmp could not read its port space: {error}"))
            for pid, error in self.refused
        ]
        unknown = [
            Task(
                Process(),
                way="lsmp",
                not_read=NotRead(
                    f"lsmp could not read the port space of one task (0x{name:x} in its own space) and "
                    f"does not say which: it may have exited, or this system protects it"
                ),
            )
            for name in self.ignored[len(known) :]
        ]
        return known + unknown

    def notes(self) -> tuple[str, ...]:
        """Say what else lsmp complained of."""
        notes = []
        if self.not_root:
            notes.append("lsmp ran without root: it does not know who receives at the ports")
        if self.calls:
            notes.append(f"lsmp says that {self.calls} of its calls failed: rights may be missing")
        return tuple(notes)
