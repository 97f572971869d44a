"""The end of a report: expected changes, remarks, what did not change, and how a project's checks ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from portaudit.harmless import safe
from portaudit.model.declared import Place
from portaudit.model.finding import Checked, CheckState, Outcome
from portaudit.render.facts import reported_tasks, sentence, verdict_sentence
from portaudit.render.style import BOLD, GREEN, INDENT, RED, YELLOW, Style, aligned, hang, paint
from portaudit.render.words import counted, name, object_id, signed, who

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portaudit.model.check import SuppressionUse
    from portaudit.model.difference import Change
    from portaudit.model.finding import Report
    from portaudit.model.snapshot import Entry, Snapshot

LISTED_MAX = 8
"""Tasks that the last line names."""


def rest(report: Report, style: Style) -> Iterator[Iterator[str]]:
    """Yield paragraphs: what a report holds beside its findings."""
    yield _expected(report, style)
    yield _accepted(report, style)
    yield (line for note in report.notes for line in hang("note: ", sentence(note), style.width))
    if style.everything:
        yield from _unchanged(report, style)
    yield _ending(report, style)


def _ending(report: Report, style: Style) -> Iterator[str]:
    """Yield the last line; its `exit 1` is not broken in two."""
    whole = "exit\N{NO-BREAK SPACE}"
    for line in hang("", last_line(report, style).replace("exit ", whole), style.width):
        yield line.replace(whole, "exit ")


def _expected(report: Report, style: Style) -> Iterator[str]:
    changes = expected_changes(report)
    if changes:
        more = _more(len(changes), style)
        told = "; ".join((*map(brief, changes[: style.fold]), *more))
        yield from hang("Expected: ", told, style.width)


def _more(number: int, style: Style) -> Iterator[str]:
    if style.fold is not None and number > style.fold:
        yield f"… and {number - style.fold} more: --all shows them"


def _accepted(report: Report, style: Style) -> Iterator[str]:
    lines = list(accepted_lines(report))
    for told in (*lines[: style.fold], *_more(len(lines), style)):
        yield from hang("", told, style.width, indent=INDENT)


def expected_changes(report: Report) -> list[Change]:
    """Give the changes that were expected as they happened."""
    return [change for change in report.changes if change.change and change.expected and not change.residual]


def brief(change: Change) -> str:
    """Say a change in a few words: `extension TASK-CONTROL of host +1`."""
    kind = change.kobject_label or change.right
    owner = f" of {safe(change.of)}" if change.of else ""
    return f"{who(change)} {kind}{owner} {signed(change.change)}"


def accepted_lines(report: Report) -> Iterator[str]:
    """Say what is not counted and why: suppressed, accepted by the baseline, or seen while idle."""
    for finding in report.suppressed:
        yield f"{safe(finding.rule)}  suppressed: {sentence(finding.title)}{_because(finding.reason)}"
    for finding in report.accepted:
        yield f"{safe(finding.rule)}  accepted: {sentence(finding.title)}{_because(finding.reason)}"
    for known in report.gone:
        times = f", {known.count} times" if known.count > 1 else ""
        yield f"{safe(known.rule)}  gone: {sentence(known.title)}{times}: take it out of the baseline"
    yield from map(_suppression, report.suppressions)
    for idle in report.idle:
        kind = safe(" ".join(filter(None, (idle.kobject or idle.right, idle.description))))
        change = f"{signed(idle.change)} while idle, {abs(idle.subtracted)} subtracted"
        yield f"idle: {safe(idle.task)} {kind} {change}"


def _because(reason: str | None) -> str:
    return f" ({sentence(reason)})" if reason else ""


def _suppression(use: SuppressionUse) -> str:
    hidden = counted(use.findings, "finding")
    until = use.suppression.until.isoformat()
    told = {
        "used": f"hides {hidden}, until {until}",
        "unused": "hides nothing: take it out",
        "expired": f"expired on {until}, so {hidden} count again",
    }[use.state]
    return f"suppression {use.state}: {sentence(use.suppression.text)}: {told}"


def last_line(report: Report, style: Style) -> str:
    """Say what did not change, how the spaces were read, and how the command ends."""
    end = "" if style.exit_status is None else f"  exit {int(style.exit_status)}"
    return f"{unchanged_words(report)}{how(report.difference.after)}.{end}"


def unchanged_words(report: Report) -> str:
    """Say `12 rights unchanged in the host, 15 in the extension; `; empty if no task was compared.

    Where something is reported, tasks that hold no part of it are only counted; so are more than a few.
    """
    counts = report.difference.unchanged
    roles = {task.title for task in report.difference.after.tasks if task.role}
    spoken_of = reported_tasks(report)
    reported = [title for title in counts if title in spoken_of]
    listed = (reported or list(counts))[:LISTED_MAX]
    places = [(counts[title], f"{'the ' if title in roles else ''}{safe(title)}") for title in listed]
    if others := counts.keys() - set(listed):
        number = len(others)
        rest = f"{number} {'other ' if listed else ''}process{'es' if number > 1 else ''}"
        places.append((sum(counts[title] for title in others), rest))
    told = ", ".join(
        f"{number if at else counted(number, 'right') + ' unchanged'} in {where}"
        for at, (number, where) in enumerate(places)
    )
    return f"{told}; " if told else ""


def how(snapshot: Snapshot) -> str:
    """Say how a snapshot was read, and whether two readings agreed."""
    ways = ", ".join(sorted({task.way for task in snapshot.tasks if task.way})) or "unknown means"
    state = {True: "settled", False: "not settled", None: "one reading"}[snapshot.settled]
    return f"read by {safe(ways)}; {state}"


def _unchanged(report: Report, style: Style) -> Iterator[Iterator[str]]:
    for task in report.difference.after.tasks:
        if task.entries is None or task.title not in report.difference.unchanged:
            continue
        changed = {change.name for change in report.changes if change.process == task.process}
        rows = [_cells(entry) for entry in task.entries if entry.name not in changed]
        if rows:
            yield iter((f"Unchanged in {safe(task.title)}", *aligned(rows, style.width)))


def _cells(entry: Entry) -> tuple[str, ...]:
    urefs = "?" if entry.urefs is None else str(entry.urefs)
    description = safe(entry.description or "")
    rights = ",".join(entry.rights)
    return name(entry.name), object_id(entry.object), rights, urefs, entry.kobject_label or "", description


INK = {
    CheckState.PASSED: GREEN,
    CheckState.FAILED: RED,
    CheckState.UNDECIDED: YELLOW,
    CheckState.SKIPPED: YELLOW,
}
UNSETTLED = (CheckState.FAILED, CheckState.UNDECIDED)
"""How a check ends that somebody must look at."""


def check_line(checked: Checked, style: Style) -> str:
    """Say in one line how a check ended; a skip begins so, and never sounds like a verdict."""
    state = paint(checked.state, BOLD, INK[checked.state], colour=style.colour)
    return f"{state}: {safe(checked.name)}: {check_reason(checked)}\n"


def check_reason(checked: Checked) -> str:
    """Say why a check ended so, in a line."""
    if checked.reason is not None or checked.report is None:
        return sentence(checked.reason or "nothing was read").replace("\n", " ")
    balanced = checked.report.outcome is Outcome.BALANCED
    told = f"{'' if balanced else f'{checked.report.outcome}: '}{verdict_sentence(checked.report)}"
    return f"{told} ({checked.report.basis})"


def checks_summary(results: Sequence[Checked]) -> tuple[str, str]:
    """Say how all of them ended: the word for the gravest, and a sentence: `1 of 3 checks failed`."""
    states = Counter(checked.state for checked in results)
    order = (CheckState.FAILED, CheckState.UNDECIDED, CheckState.PASSED, CheckState.SKIPPED)
    told = {CheckState.PASSED: "passed", CheckState.FAILED: "failed"}
    there = [
        (told.get(state, f"{_was(states[state])} {state}"), states[state]) for state in order if states[state]
    ]
    (word, number), *others = there or [("passed", 0)]
    of = f"{number} of {counted(len(results), 'check')}" if others else counted(number, "check")
    more = "".join(f", {many} {other}" for other, many in others)
    return next((state for state in order if states[state]), CheckState.PASSED), f"{of} {word}{more}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def check_style(checked: Checked, style: Style) -> Style:
    """Give the style in which the report of one check is printed among others."""
    before, after = (
        (Place(file, 1) for file in (checked.files[0], checked.files[-1])) if checked.files else (None, None)
    )
    return replace(
        style,
        check=checked.name,
        place=checked.place,
        fail_on=checked.fail_on,
        exit_status=None,
        before=before,
        after=after,
    )
