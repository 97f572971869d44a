"""What stands once only: no kernel gives a space one name twice, or two tasks one pid."""

from collections import Counter
from collections.abc import Iterable

from portaudit.model.snapshot import Entries, Task


def name_twice(entries: Entries) -> int | None:
    """Give a name that a space has twice; None if each stands once."""
    if len(set(entries.name)) == len(entries.name):
        return None
    return Counter(entries.name).most_common(1)[0][0]


def pid_twice(tasks: Iterable[Task]) -> int | None:
    """Give a pid that two tasks have; None if there is none. Pid 0 says that lsmp did not know it."""
    pids = Counter(task.process.pid for task in tasks if task.process.pid)
    return next((pid for pid, times in pids.items() if times > 1), None)
