"""A judged difference for people: the verdict, the balance, the findings with their way out, the rest."""

from collections.abc import Iterator

from tabulate import tabulate

from portaudit.model.difference import BalanceRow, Change
from portaudit.model.finding import Finding, Outcome, Report, Severity
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.render import Style
from portaudit.render.rest import rest
from portaudit.render.series_table import series_table
from portaudit.render.words import counted, name, object_id, safe


def report(judged: Report, style: Style) -> str:
    """Print a report."""
    parts = (
        [headline(judged)],
        _balance(judged.balance),
        series_table(judged.series),
        *(_finding(finding) for finding in judged.findings),
        *(_undecided(finding) for finding in judged.undecided),
        *(_suppressed(finding) for finding in judged.suppressed),
        rest(judged, everything=style.everything),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def headline(judged: Report) -> str:
    """Say the verdict in one line."""
    serious = [finding for finding in judged.findings if finding.severity is not Severity.NOTE]
    if judged.outcome is Outcome.FINDINGS:
        more = f" (and {counted(len(serious) - 1, 'more finding')})" if len(serious) > 1 else ""
        return f"FINDINGS  {safe(serious[0].title)}{more}"
    if judged.outcome is Outcome.UNDECIDED:
        return f"UNDECIDED  {safe(judged.undecided[0].reason or judged.undecided[0].title, 1000)}"
    if judged.series:
        return f"BALANCED  no reference is lost or kept round after round, in {_rounds(judged)} rounds"
    return "BALANCED  every reference came back"


def _rounds(judged: Report) -> int:
    return max(len(row.change.series) for row in judged.series) - 1


def _balance(rows: tuple[BalanceRow, ...]) -> Iterator[str]:
    if not rows:
        return
    titles = list(rows[0].sides)
    headers = ["object", "kobject", "of"]
    for title in titles:
        headers += [safe(title), "change", "expected", "residual"]
    body = [
        [
            object_id(row.object),
            label_of(row.kobject) or "message-queue",
            row.of or "",
            *(cell for title in titles for cell in _side(row.sides[title])),
        ]
        for row in rows
    ]
    align = ["left"] * 3 + ["right"] * 4 * len(titles)
    yield tabulate(body, headers, tablefmt="simple", colalign=align, disable_numparse=True)


def _side(change: Change) -> tuple[str, str, str, str]:
    dead = " dead" if change.right is Right.DEAD_NAME else ""
    return f"{_span(change)}{dead}", signed(change.change), signed(change.expected), signed(change.residual)


def _span(change: Change) -> str:
    before, after = ("?" if side is None else side for side in (change.before, change.after))
    return f"{before} -> {after}"


def signed(number: int) -> str:
    """Spell a change with its sign: +3, -1, 0."""
    return f"{number:+d}" if number else "0"


def row_line(row: Change) -> str:
    """Say one row: task, name, right, what it is, from how many to how many."""
    kind = row.kobject_label or ""
    owner = f" of {row.of}" if row.of else ""
    was = "was " if row.right is Right.DEAD_NAME and kind else ""
    description = f" {safe(row.description)}" if row.description else ""
    who = safe(row.role or row.process.name or str(row.process.pid))
    return f"{who}  {name(row.name)}  {row.right}  {was}{kind}{owner}{description}  {_span(row)}".replace(
        "    ", "  "
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule}  {finding.severity}  {finding.verdict}: {safe(finding.title)}"
    yield from (f"    {row_line(row)}" for row in finding.rows)
    if finding.evidence:
        yield f"    Seen:   {safe(finding.evidence, 1000)}"
    word = {"certain": "Cause:  ", "likely": "Likely: ", "hint": "Maybe:  "}[finding.confidence]
    yield f"    {word}{finding.cause}"
    real = f". Real case: {finding.case}" if finding.case else ""
    yield f"    Fix:    {finding.fix}{real}"


def _undecided(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule}  undecided  {finding.verdict}: {safe(finding.title)}"
    yield from (f"    {row_line(row)}" for row in finding.rows)
    yield f"    Why:    {safe(finding.reason or '', 1000)}"
    yield f"    Do:     {finding.fix}"


def _suppressed(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule}  suppressed: {safe(finding.title)}  ({safe(finding.reason or '')})"
