"""What the doctor found: a block a way, or JSON; and what a machine gave as evidence.

Evidence is claims by the README's row, each yes, no or not tried; its rows; JSON.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace

from portaudit.harmless import safe
from portaudit.model.evidence import Answer, Evidence, Tried
from portaudit.model.way import XNU, Diagnosis, WayState
from portaudit.render.json_text import json_text
from portaudit.render.style import BOLD, GREEN, RED, YELLOW, Style, hang, paint

FORMAT = "portaudit-doctor/1"
INK = {WayState.OK: GREEN, WayState.NOT_HERE: YELLOW, WayState.REFUSED: RED}
WAY_COLUMNS, STATE_COLUMNS = 24, 10
ROOMY = 70
"""Columns below which a text stands under its way, and not beside it."""

BELOW = 4
AS_ABOVE = "as above"
TOLD_ONCE = 100
"""Characters of a next step that is not repeated for the next way."""


def text(diagnoses: tuple[Diagnosis, ...], style: Style) -> str:
    """Print each way with its state, the reason, and what to do next; what is the same is told once."""
    lines: list[str] = []
    steps: dict[str, str] = {}
    for before, diagnosis in zip((None, *diagnoses), diagnoses, strict=False):
        alike = before is not None and replace(before, way=diagnosis.way) == diagnosis
        first = steps.setdefault(diagnosis.next_step, diagnosis.way)
        repeats = first != diagnosis.way and len(diagnosis.next_step) > TOLD_ONCE
        told = replace(diagnosis, next_step=f"as for {first}") if repeats else diagnosis
        lines += _lines(replace(diagnosis, reason=AS_ABOVE, next_step="") if alike else told, style)
    return "\n".join(lines) + "\n"


def _lines(diagnosis: Diagnosis, style: Style) -> Iterator[str]:
    head = f"{diagnosis.way + '  ':<{WAY_COLUMNS}}{diagnosis.state:<{STATE_COLUMNS}}"
    reason = safe(diagnosis.reason, 2000)
    roomy = style.width >= ROOMY or reason == AS_ABOVE
    first, *more = (
        hang(head, reason, style.width, indent=WAY_COLUMNS + STATE_COLUMNS)
        if roomy
        else (head.rstrip(), *_below("", reason, style))
    )
    inked = paint(diagnosis.state, BOLD, INK[diagnosis.state], colour=style.colour)
    yield first.replace(diagnosis.state, inked, 1) if style.colour else first
    yield from more
    if diagnosis.next_step and roomy:
        yield from hang(f"{'':{WAY_COLUMNS}}{'next:':<{STATE_COLUMNS}}", diagnosis.next_step, style.width)
    elif diagnosis.next_step:
        yield from _below("next: ", diagnosis.next_step, style)


def _below(label: str, text: str, style: Style) -> Iterator[str]:
    return hang(f"{'':{BELOW}}{label}", text, style.width, indent=BELOW + len(label))


def document(diagnoses: tuple[Diagnosis, ...], _style: Style) -> str:
    """Give the ways as JSON."""
    return json_text({"format": FORMAT, "ways": [asdict(diagnosis) for diagnosis in diagnoses]})


EVIDENCE_FORMAT = "portaudit-evidence/1"
ANSWER_INK = {Answer.YES: GREEN, Answer.NO: RED, Answer.NOT_TRIED: YELLOW}
ANSWER_COLUMNS = 11
LONGEST = 400


def evidence_text(evidence: Evidence, style: Style) -> str:
    """Print which machine it was, and each claim with its answer and what decided it."""
    return "\n".join([*_machine(evidence, style), "", *_rows(evidence, style), _sum(evidence)]) + "\n"


def _machine(evidence: Evidence, style: Style) -> Iterator[str]:
    yield f"Evidence of portaudit {safe(evidence.version, 40)}, taken {safe(evidence.taken, 40)}"
    width = max(map(len, evidence.machine), default=0) + 2
    for name, fact in evidence.machine.items():
        yield from hang(f"{safe(name, 40):<{width}}", safe(fact, LONGEST), style.width, indent=width)


def _rows(evidence: Evidence, style: Style) -> Iterator[str]:
    for about in dict.fromkeys(one.about for one in evidence.tried):
        tried = [one for one in evidence.tried if one.about == about]
        yield from hang("", f"{safe(about, LONGEST)}: {_answers(tried)}", style.width, indent=0)
        for one in tried:
            if one.answer is not Answer.NOT_TRIED:
                yield from _row(one, style)
        yield from _not_tried(tried, style)
        yield ""


def _row(one: Tried, style: Style) -> Iterator[str]:
    yield from _answered(one.answer, safe(one.sentence, LONGEST), style)
    blank = " " * (ANSWER_COLUMNS + 4)
    yield from hang(blank, safe(one.seen, LONGEST), style.width, indent=len(blank))


def _answered(answer: Answer, words: str, style: Style) -> Iterator[str]:
    head = f"  {answer:<{ANSWER_COLUMNS}}"
    first, *more = hang(head, words, style.width, indent=len(head))
    yield first.replace(answer, paint(answer, BOLD, ANSWER_INK[answer], colour=style.colour), 1)
    yield from more


def _not_tried(tried: list[Tried], style: Style) -> Iterator[str]:
    """Say once why claims were not tried, and how many; JSON names each."""
    reasons = Counter(one.seen for one in tried if one.answer is Answer.NOT_TRIED)
    for reason, number in reasons.items():
        words = f"{number} claim{'s' * (number > 1)}: {safe(reason, LONGEST)}"
        yield from _answered(Answer.NOT_TRIED, words, style)


def _answers(tried: list[Tried]) -> str:
    """Say in the words of the README's column what came of a row's claims."""
    count = Counter(one.answer for one in tried)
    return ", ".join(f"{count[answer]} {answer}" for answer in Answer if count[answer])


def _sum(evidence: Evidence) -> str:
    return f"{len(evidence.tried)} claims: {_answers(list(evidence.tried))}"


def markdown(evidence: Sequence[Evidence], rows: Iterable[str]) -> str:
    """Print rows of the README's table: what is claimed, and what came of it on each Mac."""
    lines = [f"| {row} | {_escaped(on_macs(evidence, row)) or 'not yet'} |" for row in rows]
    return "\n".join(["| claim | on a Mac |", "|---|---|", *lines]) + "\n"


def on_macs(evidence: Sequence[Evidence], row: str) -> str:
    """Give a cell of the README's column "on a Mac": each Mac with its answers; empty if nothing was tried.

    What was seen of a stand-in kernel says nothing of a Mac.
    """
    cells = ((one, _tried_of(one, row)) for one in evidence if one.machine.get("kernel") == XNU)
    return "; ".join(f"{_mac(one)}: {_answers(tried)}{_refuted(tried)}" for one, tried in cells if tried)


def _tried_of(evidence: Evidence, row: str) -> list[Tried]:
    of_row = [one for one in evidence.tried if one.about == row]
    return [one for one in of_row if one.answer is not Answer.NOT_TRIED]


def _mac(evidence: Evidence) -> str:
    words = ("macOS", evidence.machine.get("macOS", "?"), evidence.machine.get("architecture", ""))
    return safe(" ".join(filter(None, words)), 40)


def _refuted(tried: list[Tried]) -> str:
    """Name the claims that did not hold."""
    ids = ", ".join(safe(one.id, 40) for one in tried if one.answer is Answer.NO)
    return f" ({ids})" if ids else ""


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def evidence_document(evidence: Evidence, _style: Style) -> str:
    """Give the same as JSON."""
    return json_text({"format": EVIDENCE_FORMAT, **asdict(evidence)})
