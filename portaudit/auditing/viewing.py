"""What `portaudit show` shows of a snapshot."""

from portaudit.analysis.view import view as choose
from portaudit.model.snapshot import Snapshot, View


def view(snapshot: Snapshot, *, role: str | None = None, sort: str = "name") -> View:
    """Choose what to show of a snapshot: one role or all, rows by name, urefs or kobject."""
    return choose(snapshot, role, sort)
