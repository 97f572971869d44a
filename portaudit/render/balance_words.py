"""What a row of the balance sheet says, cell by cell, in every format."""

from portaudit.model.difference import BalanceRow, Change
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.render.words import safe, signed, span


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
