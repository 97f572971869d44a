"""A judged difference for people: the verdict, the balance, the findings with their way out, the rest."""

from collections.abc import Iterator

from portaudit.model.difference import Change
from portaudit.model.finding import Finding, Outcome, Report
from portaudit.render import Style
from portaudit.render.balance_table import balance
from portaudit.render.facts import alike, facts, heading, open_facts, row_cells, verdict_sentence
from portaudit.render.layout import BOLD, GREEN, INDENT, INK, RED, YELLOW, aligned, hang, labelled, paint
from portaudit.render.rest import rest
from portaudit.render.words import counted, safe

OUTCOME_INK = {Outcome.BALANCED: GREEN, Outcome.FINDINGS: RED, Outcome.UNDECIDED: YELLOW}


def report(judged: Report, style: Style) -> str:
    """Print a report that fits the style's width; only words that cannot be broken are ever wider."""
    parts = (
        _headline(judged, style),
        balance(judged.balance, style.width),
        _series(judged, style),
        *(_finding(finding, count, style) for finding, count in alike(judged.findings)),
        *(_undecided(finding, count, style) for finding, count in alike(judged.undecided)),
        *rest(judged, style),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _series(judged: Report, style: Style) -> Iterator[str]:
    if judged.series:
        from portaudit.render.series_table import series_table

        yield from series_table(judged.series, style.width)


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
    shown = rows[: style.fold]
    yield from aligned(map(row_cells, shown), style.width)
    if len(shown) < len(rows):
        yield f"{'':{INDENT}}… and {counted(len(rows) - len(shown), 'more row')}: --all shows them"
