"""What the doctor found: a block a way, or JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from portaudit.harmless import safe
from portaudit.model.way import Diagnosis, WayState
from portaudit.render.columns import BOLD, GREEN, RED, YELLOW, hang, paint
from portaudit.render.json_text import json_text
from portaudit.render.style import Style

FORMAT = "portaudit-doctor/1"
INK = {WayState.OK: GREEN, WayState.NOT_HERE: YELLOW, WayState.REFUSED: RED}
WAY_COLUMNS, STATE_COLUMNS = 24, 10


def text(diagnoses: tuple[Diagnosis, ...], style: Style) -> str:
    """Print each way with its state, the reason, and what to do next."""
    return "\n".join(line for diagnosis in diagnoses for line in _lines(diagnosis, style)) + "\n"


def _lines(diagnosis: Diagnosis, style: Style) -> Iterator[str]:
    head = f"{diagnosis.way:<{WAY_COLUMNS}}{diagnosis.state:<{STATE_COLUMNS}}"
    first, *more = hang(head, safe(diagnosis.reason, 2000), style.width, indent=WAY_COLUMNS + STATE_COLUMNS)
    inked = paint(diagnosis.state, BOLD, INK[diagnosis.state], colour=style.colour)
    yield first.replace(diagnosis.state, inked, 1) if style.colour else first
    yield from more
    yield from hang(f"{'':{WAY_COLUMNS}}{'next:':<{STATE_COLUMNS}}", diagnosis.next_step, style.width)


def document(diagnoses: tuple[Diagnosis, ...], _style: Style) -> str:
    """Give the ways as JSON."""
    return json_text({"format": FORMAT, "ways": [asdict(diagnosis) for diagnosis in diagnoses]})
