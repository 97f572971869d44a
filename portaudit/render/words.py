"""How single facts are spelled."""

from collections.abc import Sequence
from datetime import UTC, datetime

from portaudit.harmless import safe
from portaudit.model.difference import BalanceRow, Change, spelled
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right

SHOWN = 16
"""Numbers of a series: of a longer one the first and the last ones are shown."""


def name(number: int | None) -> str:
    """Spell a port name as Mach's programmers do: 0x1103."""
    return "-" if number is None else f"0x{number:x}"


def object_id(number: int | None) -> str:
    """Spell an object id as lsmp does: 0x0c5c1a40."""
    return "-" if number is None else f"0x{number:08x}"


def moment(seconds: float | None) -> str:
    """Spell a time in UTC to the second."""
    if seconds is None:
        return "at an unknown time"
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return "at an impossible time"


def counted(number: float, noun: str) -> str:
    """Say `1 right`, `2 rights`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def signed(number: int) -> str:
    """Spell a change with its sign: +3, -1, 0."""
    return f"{number:+d}" if number else "0"


def numbers(series: Sequence[int]) -> str:
    """Spell a series: `2 2 3 4 5`; of a long one the first and the last numbers."""
    return spelled(series, SHOWN)


def span(change: Change) -> str:
    """Say from how many references to how many: `0 -> 3`, `? -> 3` where a side was not read."""
    before, after = ("?" if side is None else side for side in (change.before, change.after))
    return f"{before} -> {after}"


def task_title(change: Change) -> str:
    """Name the task that a change happened in as Task.title does: its role, or its name and pid."""
    if change.role:
        return change.role
    name_of_process, pid = change.process.name or "process", change.process.pid
    return name_of_process if pid is None else f"{name_of_process} ({pid})"


def who(change: Change) -> str:
    """Name the task that a change happened in, harmlessly."""
    return safe(task_title(change))


def what(change: Change) -> str:
    """Say what a right denotes: kobject type, owner, description; `was …` of a dead name."""
    kind = change.kobject_label or ""
    words = [
        "was" if kind and change.right is Right.DEAD_NAME else "",
        kind,
        f"of {safe(change.of)}" if change.of else "",
        safe(change.description) if change.description else "",
    ]
    return " ".join(filter(None, words))


def allowed(change: Change) -> str:
    """Say what of a change is no finding: `+1 expected, +2 idle`; empty if there is nothing."""
    parts = ((change.expected, "expected"), (change.idle, "idle"))
    return ", ".join(f"{signed(number)} {word}" for number, word in parts if number)


def ended(text: str) -> str:
    """End a sentence with a full stop, if it has no end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def thing(row: BalanceRow) -> tuple[str, str]:
    """Say what a balance row is about: its kobject type, and whose port it is."""
    return label_of(row.kobject) or "message-queue", f"of {safe(row.of)}" if row.of else ""


def title_of(side: Change, title: str) -> str:
    """Name a task over its column: `host 4242`."""
    pid = side.process.pid
    return safe(title) if side.role is None or pid is None else f"{safe(title)} {pid}"


def held(side: Change) -> str:
    """Say what a task holds of an object: `0 -> 3 (+3)`."""
    dead = " dead" if side.right is Right.DEAD_NAME else ""
    return f"{span(side)} ({signed(side.change)}){dead}"


def total(row: BalanceRow, column: str) -> str:
    """Say what is expected, or left, of an object; by task where several have something to say."""
    told = {title: getattr(side, column) for title, side in row.sides.items() if getattr(side, column)}
    if len(told) > 1:
        return ", ".join(f"{safe(title)} {signed(number)}" for title, number in told.items())
    return signed(next(iter(told.values()), 0))
