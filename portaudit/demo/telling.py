"""How a played scenario is told in a line or two."""

from collections.abc import Iterator

from portaudit.demo.play import Played
from portaudit.mach.constants import GuardFlavor
from portaudit.render.facts import verdict_sentence


def summary_line(played: Played) -> str:
    """Say name, verdict and headline of a played scenario in one line."""
    mark = "ok " if played.as_planted else "NOT AS PLANTED"
    noted = f"; the kernel noted {len(played.guard_notes)} bad releases" if played.guard_notes else ""
    outcome, sentence = played.report.outcome.upper(), verdict_sentence(played.report)
    return f"{mark}  {played.scenario.name:<19} {outcome:<9} {sentence}{noted}"


def guard_lines(played: Played) -> Iterator[str]:
    """Say what the kernel noted: the only trace of a release that hit a name already gone."""
    if played.guard_notes:
        yield "\nNot in the tables, but the kernel noted releases of names that were gone (EXC_GUARD):"
    for note in played.guard_notes:
        yield f"  process {note.pid}: {_flavour(note.flavour)} on 0x{note.name:x}"


def _flavour(number: int) -> str:
    try:
        return GuardFlavor(number).name
    except ValueError:
        return f"flavour {number}"
