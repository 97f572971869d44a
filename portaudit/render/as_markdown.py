"""A judged difference as a pull-request comment: GitHub-flavoured Markdown below GitHub's limit.

Text from the machine under audit stands in <code> with its punctuation as character references: it
forms no markup, names nobody and links nowhere (GFM spec 0.29, 2.5: references cannot form structure).
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from portaudit.harmless import safe
from portaudit.model.difference import BalanceRow, Change
from portaudit.model.finding import Checked, CheckState, Outcome, Report
from portaudit.model.severity import Severity
from portaudit.render.facts import alike, facts, heading, open_facts, row_cells, sentence, verdict_sentence
from portaudit.render.rest import (
    UNSETTLED,
    accepted_lines,
    brief,
    check_reason,
    checks_summary,
    expected_changes,
    last_line,
)
from portaudit.render.style import Style
from portaudit.render.words import counted, held, object_id, thing, title_of, total

COMMENT_MAX = 65_536
"""Bytes that a comment may have: GitHub refuses longer ones."""

ROOM_FOR_REST = 6_000
"""Bytes that are kept for what follows the findings."""

FOLD = 10
"""Rows of a table that is shown unfolded."""

ROWS_MAX = 100
"""Rows of a table in a comment."""

SIGN = {Outcome.BALANCED: "✅", Outcome.KNOWN: "☑️", Outcome.FINDINGS: "❌", Outcome.UNDECIDED: "❓"}
STATE_SIGN = {
    CheckState.PASSED: "✅",
    CheckState.FAILED: "❌",
    CheckState.UNDECIDED: "❓",
    CheckState.SKIPPED: "⏭️",
}
SEVERITY_SIGN = {Severity.ERROR: "🔴", Severity.WARNING: "🟠", Severity.NOTE: "🔵"}
ROW_HEADERS = ("task", "name", "right", "what", "before → after", "expected")
NO_WORD = re.compile(r"[^0-9A-Za-z ]")
CASE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
ACTIVE = re.compile(
    r"[\\`*\[\]<|~&@#]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
    r"|\.(?=\S)|(?<=\d)\.|:(?=//)"
    r"|^[-=+>]"
)
"""Characters that Markdown, or GitHub after it, could take for more than themselves."""


def report(judged: Report, style: Style) -> str:
    """Print a comment of less than 65,536 bytes; what does not fit is counted, and said to be missing."""
    head = f"## {SIGN[judged.outcome]} portaudit: {judged.outcome}\n\n{plain(verdict_sentence(judged))}"
    return _fitted([head, *_balance(judged.balance)], list(_sections(judged, 3)), _end(judged, style))


def checks(results: Sequence[Checked], _style: Style) -> str:
    """Print one comment for all checks: how each ended, and what was found where one failed."""
    word, told = checks_summary(results)
    head = f"## {STATE_SIGN[CheckState(word)]} portaudit: {plain(told)}"
    ended = [
        [code(safe(one.name)), f"{STATE_SIGN[one.state]} {one.state}", plain(check_reason(one))]
        for one in results
    ]
    shown, more = ended[:ROWS_MAX], len(ended) - ROWS_MAX
    left = [f"… and {counted(more, 'more check')}"] if more > 0 else []
    parts = [head, table(("check", "state", "verdict"), shown), *left]
    sections = [section for one in results for section in _of_check(one)]
    return _fitted(parts, sections, ["<sub>portaudit check</sub>"])


def _of_check(checked: Checked) -> Iterator[str]:
    if checked.report is not None and checked.state in UNSETTLED:
        yield f"### {STATE_SIGN[checked.state]} {code(safe(checked.name))}: {plain(check_reason(checked))}"
        yield from _balance(checked.report.balance)
        yield from _sections(checked.report, 4)
        yield f"<sub>{plain(safe(last_line(checked.report, Style()), 500))}</sub>"


def _fitted(parts: list[str], sections: list[str], end: Iterable[str]) -> str:
    left = COMMENT_MAX - ROOM_FOR_REST - _size(parts)
    for number, section in enumerate(sections):
        left -= _size([section])
        if left < 0:
            more = counted(len(sections) - number, "more section")
            parts.append(f"**{more} did not fit into this comment.** `--format html` shows all of them.")
            break
        parts.append(section)
    return "\n\n".join((*parts, *end)) + "\n"


def _size(parts: Iterable[str]) -> int:
    return sum(len(part.encode()) + 2 for part in parts)


def _balance(rows: tuple[BalanceRow, ...]) -> Iterator[str]:
    if not rows:
        return
    titles = [plain(title_of(side, title)) for title, side in rows[0].sides.items()]
    body = (
        [
            code(object_id(row.object)),
            plain(thing(row)[0]),
            plain(row.of or "-"),
            *map(plain, map(held, row.sides.values())),
            plain(total(row, "expected")),
            f"**{plain(total(row, 'residual'))}**",
        ]
        for row in rows[:ROWS_MAX]
    )
    headers = ["object", "kobject", "of", *titles, "expected", "residual"]
    yield _folded(f"Balance of {counted(len(rows), 'object')}", table(headers, body), len(rows))


def _sections(judged: Report, level: int) -> Iterator[str]:
    for finding, count in alike(judged.findings):
        words = f"{SEVERITY_SIGN[finding.severity]} {finding.rule} {finding.severity}"
        yield _section(f"{words}: {heading(finding, count)}", finding.rows, facts(finding), level)
    for finding, count in alike(judged.undecided):
        words = f"❓ {finding.rule} undecided"
        yield _section(f"{words}: {heading(finding, count)}", finding.rows, open_facts(finding), level)


def _section(title: str, rows: tuple[Change, ...], told: Iterable[tuple[str, str]], level: int) -> str:
    lines = [f"{'#' * level} {plain(title)}"]
    if rows:
        lines.append(_folded(counted(len(rows), "row"), _rows(rows), len(rows)))
    lines.append("\n".join(f"- **{label}:** {_fact(label, text)}" for label, text in told))
    return "\n\n".join(lines)


def _rows(rows: tuple[Change, ...]) -> str:
    cells = [[plain(cell) for cell in row_cells(row)] for row in rows[:ROWS_MAX]]
    text = table(ROW_HEADERS, cells)
    more = f"\n\n… and {len(rows) - ROWS_MAX} more rows" if len(rows) > ROWS_MAX else ""
    return text + more


def _fact(label: str, text: str) -> str:
    if label == "More":
        return code(text)
    return linked_case(text) if label == "Case" else plain(text)


def linked_case(text: str) -> str:
    """Write the address of a real case as a link that leaves no mark on the other project's issue."""
    match = CASE.fullmatch(text)
    if match is None:
        return plain(text)
    return f"[{code(text)}](https://redirect.github.com/{match[1]}/issues/{match[2]})"


def _folded(summary: str, body: str, rows: int) -> str:
    if rows <= FOLD:
        return body
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _end(judged: Report, style: Style) -> Iterator[str]:
    lines = [f"Expected: {plain(text)}" for text in map(brief, expected_changes(judged))]
    lines += map(plain, accepted_lines(judged))
    lines += [f"Note: {plain(sentence(note))}" for note in judged.notes]
    kept: list[str] = []
    for line in lines:
        if _size([*kept, line]) > ROOM_FOR_REST - 1_000:
            kept.append(f"… and {counted(len(lines) - len(kept), 'more line')}")
            break
        kept.append(line)
    yield from (["\n".join(f"- {line}" for line in kept)] if kept else [])
    yield f"<sub>{plain(safe(last_line(judged, style), 500))}</sub>"


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of cells that are Markdown already."""
    head = list(headers)
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plain(text: str) -> str:
    """Write text that stands for itself: no markup, no mention, no link, nothing that moves a cursor."""
    return ACTIVE.sub(_spelled, safe(text, COMMENT_MAX))


def _spelled(match: re.Match[str]) -> str:
    # GitHub looks for @names and #numbers after Markdown is done, but never in code
    return f"<code>{match[0]}</code>" if match[0] in "@#" else _reference(match)


def code(text: str) -> str:
    """Write text as code."""
    return f"<code>{NO_WORD.sub(_reference, text)}</code>"


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
