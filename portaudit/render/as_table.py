"""A judged difference for people: the verdict, the balance, the findings with their way out, the rest."""

from collections.abc import Callable, Iterator, Sequence

from portaudit.harmless import safe
from portaudit.model.difference import BalanceRow, Change, Kind, SeriesRow
from portaudit.model.finding import Checked, Finding, Outcome, Report
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.render.facts import (
    alike,
    facts,
    grave,
    heading,
    open_facts,
    row_cells,
    sentence,
    small,
    verdict_sentence,
)
from portaudit.render.rest import UNSETTLED, check_line, check_style, rest
from portaudit.render.style import (
    BOLD,
    GREEN,
    INDENT,
    INK,
    RED,
    YELLOW,
    Style,
    aligned,
    columns,
    fill,
    hang,
    labelled,
    paint,
)
from portaudit.render.words import counted, held, numbers, object_id, thing, title_of, total, what, who

OUTCOME_INK = {
    Outcome.BALANCED: GREEN,
    Outcome.KNOWN: GREEN,
    Outcome.FINDINGS: RED,
    Outcome.UNDECIDED: YELLOW,
}


def report(judged: Report, style: Style) -> str:
    """Print a report that fits the style's width; only words that cannot be broken are ever wider."""
    parts = (
        _headline(judged, style),
        _balance(judged.balance, style),
        _series(judged.series, style),
        *_blocks(_finding, grave(judged), style),
        *_blocks(_undecided, judged.undecided, style),
        _small(judged, style),
        *rest(judged, style),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def checks(results: Sequence[Checked], style: Style) -> str:
    """Print one line a check, and then the reports of those that failed or are undecided."""
    return "".join((*(check_line(checked, style) for checked in results), details(results, style)))


def details(results: Sequence[Checked], style: Style) -> str:
    """Print the report of each check that failed or is undecided, under the check's name."""
    return "".join(
        f"\n{safe(checked.name)}\n\n{report(checked.report, check_style(checked, style))}"
        for checked in results
        if checked.report is not None and checked.state in UNSETTLED
    )


def _blocks(
    tell: Callable[[Finding, int, Style], Iterator[str]], findings: tuple[Finding, ...], style: Style
) -> Iterator[Iterator[str]]:
    told = alike(findings)
    yield from (tell(finding, count, style) for finding, count in told[: style.fold])
    yield _more(len(told), "finding", style)


def _more(number: int, word: str, style: Style) -> Iterator[str]:
    """Count what is not shown, if anything is not."""
    if style.fold is not None and number > style.fold:
        yield f"{'':{INDENT}}… and {counted(number - style.fold, f'more {word}')}: --all shows them"


def headline(judged: Report) -> str:
    """Say the verdict in one line."""
    return f"{judged.outcome.upper()}  {verdict_sentence(judged)}"


def _headline(judged: Report, style: Style) -> Iterator[str]:
    word = judged.outcome.upper()
    first, *more = hang(f"{word}  ", verdict_sentence(judged), style.width)
    yield first.replace(word, paint(word, BOLD, OUTCOME_INK[judged.outcome], colour=style.colour), 1)
    yield from more


def _finding(finding: Finding, count: int, style: Style) -> Iterator[str]:
    yield from _heading(finding, count, finding.severity, INK[finding.severity], style)
    yield from _rows(finding.rows, style)
    for label, text in facts(finding):
        yield from labelled(label, text, style.width)


def _small(judged: Report, style: Style) -> Iterator[str]:
    """Yield one line for each note: what comes and goes, and what was kept at a first use."""
    notes = small(judged)
    if not notes:
        return
    loose = any(one.judged_as is Kind.COMING_AND_GOING for one in notes)
    pair = loose and not judged.difference.between
    why = "; one pair cannot tell these from leaks (portaudit explain pair)" if pair else ""
    yield from hang("", f"Told as notes, which fail nothing{why}:", style.width)
    for finding in notes[: style.fold]:
        start = f"{safe(finding.rule):<4}  "
        first, *more = hang(start, sentence(finding.title), style.width - INDENT, indent=len(start))
        yield from (f"{'':{INDENT}}{line}" for line in (first, *more))
    if style.fold is not None and len(notes) > style.fold:
        yield f"{'':{INDENT}}… and {counted(len(notes) - style.fold, 'more note')}: --all shows them"


def _undecided(finding: Finding, count: int, style: Style) -> Iterator[str]:
    yield from _heading(finding, count, "undecided", YELLOW, style)
    yield from _rows(finding.rows, style)
    for label, text in open_facts(finding):
        yield from labelled(label, text, style.width)


def _heading(finding: Finding, count: int, word: str, ink: str, style: Style) -> Iterator[str]:
    start = f"{safe(finding.rule)}  {word}"
    text = f"{finding.verdict}: {heading(finding, count)}"
    first, *more = hang(f"{start}  ", text, style.width, indent=INDENT)
    yield paint(start, BOLD, ink, colour=style.colour) + first[len(start) :]
    yield from more


def _rows(rows: tuple[Change, ...], style: Style) -> Iterator[str]:
    yield from aligned(map(row_cells, rows[: style.fold]), style.width)
    yield from _more(len(rows), "row", style)


def _balance(rows: tuple[BalanceRow, ...], style: Style) -> Iterator[str]:
    """Yield the lines of the balance sheet: one object, all tasks side by side."""
    if not rows:
        return
    shown, width = rows[: style.fold], style.width
    table = _table(shown)
    if max(map(columns, table)) <= width:
        yield from table
    else:
        for row in shown:
            yield " ".join(filter(None, (object_id(row.object), *thing(row))))
            yield from (f"    {line}" for line in fill(_items(row), "   ", width - 4, width - 4))
    yield from _more(len(rows), "object", style)


def _items(row: BalanceRow) -> Iterator[str]:
    sides = {title: side for title, side in row.sides.items() if side.role or side.before or side.after}
    yield from (f"{title_of(side, title)}  {held(side)}" for title, side in sides.items())
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


def _series(rows: tuple[SeriesRow, ...], style: Style) -> Iterator[str]:
    """Yield one line for each row of a series, the steepest first: `urefs 2 2 3 4 5`."""
    if not rows:
        return
    rounds = len(rows[0].change.series) - 1
    yield from hang("", f"Changed in {rounds} rounds, from before the first to after the last:", style.width)
    yield from aligned(map(_cells, rows[: style.fold]), style.width)
    yield from _more(len(rows), "row", style)


def _cells(row: SeriesRow) -> tuple[str, ...]:
    change = row.change
    return who(change), change.right, what(change), row.pace, _counts(row)


def _counts(row: SeriesRow) -> str:
    counted = row.change.right in (Right.SEND, Right.DEAD_NAME) and not row.change.names
    return f"{'urefs' if counted else 'names'} {numbers(row.change.series)}"
