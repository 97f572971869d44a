"""What the doctor found: a block a way, or JSON."""

from collections.abc import Iterator
from dataclasses import asdict, replace

from portaudit.harmless import safe
from portaudit.model.way import Diagnosis, WayState
from portaudit.render.columns import BOLD, GREEN, RED, YELLOW, hang, paint
from portaudit.render.json_text import json_text
from portaudit.render.style import Style

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
