"""The balance sheet for a terminal: a table where it fits, else the same in lines that break."""

from collections.abc import Iterator

from portaudit.model.difference import BalanceRow
from portaudit.model.kobject import label_of
from portaudit.render.balance_words import held, thing, title_of, total
from portaudit.render.layout import columns, fill
from portaudit.render.words import object_id, safe


def balance(rows: tuple[BalanceRow, ...], width: int) -> Iterator[str]:
    """Yield the lines of the balance sheet: one object, all tasks side by side."""
    if not rows:
        return
    table = _table(rows)
    if max(map(columns, table)) <= width:
        yield from table
        return
    for row in rows:
        yield " ".join(filter(None, (object_id(row.object), *thing(row))))
        yield from (f"    {line}" for line in fill(_items(row), "   ", width - 4, width - 4))


def _items(row: BalanceRow) -> Iterator[str]:
    yield from (f"{title_of(side, title)}  {held(side)}" for title, side in row.sides.items())
    if total(row, "expected") != "0":
        yield f"expected {total(row, 'expected')}"
    yield f"residual {total(row, 'residual')}"


def _table(rows: tuple[BalanceRow, ...]) -> list[str]:
    titles = [title_of(side, title) for title, side in rows[0].sides.items()]
    headers = ["object", "kobject", "of", *titles, "expected", "residual"]
    body = [
        (
            object_id(row.object),
            label_of(row.kobject) or "message-queue",
            safe(row.of or "-"),
            *map(held, row.sides.values()),
            total(row, "expected"),
            total(row, "residual"),
        )
        for row in rows
    ]
    return list(_lined_up([tuple(headers), *body]))


def _lined_up(cells: list[tuple[str, ...]]) -> Iterator[str]:
    # tabulate would do it, and costs diff as much time as reading two large snapshots
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        blanks = [" " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)]
        texts = [cell + blank for cell, blank in zip(row[:-2], blanks[:-2], strict=True)]
        numbers = [blank + cell for cell, blank in zip(row[-2:], blanks[-2:], strict=True)]
        yield "  ".join((*texts, *numbers)).rstrip()
