"""How a played scenario is told in a line or two."""

from collections.abc import Iterator

from portaudit.demo.play import Killed, Played
from portaudit.mach.constants import GuardFlavor
from portaudit.render.facts import verdict_sentence
from portaudit.render.style import INDENT, hang

TWO_PARTS = 100
"""Columns from which on there is room for a sentence beside name and verdict."""


def summary_lines(played: Played, width: int) -> Iterator[str]:
    """Say name, verdict and headline of a played scenario: in one line, where it has room."""
    mark = "ok " if played.as_planted else "NOT AS PLANTED"
    noted = f"; the kernel noted {len(played.guard_notes)} bad releases" if played.guard_notes else ""
    if played.scenario.guard_events and not played.tells_guards:
        noted = "; this kernel tells of bad releases in crash reports, if at all"
    outcome, sentence = played.report.outcome.upper(), verdict_sentence(played.report)
    head = f"{mark}  {played.scenario.name:<19} {outcome:<9} "
    narrow = width < TWO_PARTS
    return hang(head, f"{sentence}{noted}", width, indent=INDENT + 1 if narrow else None)


def guard_lines(played: Played) -> Iterator[str]:
    """Say what the kernel noted: the only trace of a release that hit a name already gone."""
    if played.scenario.guard_events and not played.tells_guards:
        yield ""
        yield (
            "Not in the tables: releases of names that were gone (EXC_GUARD). A Mac's kernel tells of them "
            "in a crash report, and of a third-party process only if that has asked for it; GNU Mach only by "
            "what the call returns: see `portaudit explain O5`, and `portaudit decode` for the report."
        )
    if played.guard_notes:
        yield ""
        yield "Not in the tables: the kernel noted releases of names that were gone (EXC_GUARD):"
    for note in played.guard_notes:
        yield f"  process {note.pid}: {_flavour(note.flavour)} on 0x{note.name:x}"


def platform_lines(killed: Killed) -> Iterator[str]:
    """Say what became of the platform host, and what would have worked."""
    yield "platform: a platform binary sends its own control port, mach_task_self, to its extension"
    yield ""
    yield killed.ending or "the host lived on"
    for note in killed.notes:
        yield f"  EXC_GUARD in process {note.pid}: {_flavour(note.flavour)} on 0x{note.name:x}"
    yield ""
    yield (
        "Since macOS 12.3 the own control port of a platform (or hardened) binary is immovable: sending it "
        "is fatal. A third-party app may send it. What a platform binary may send: the port that "
        "task_get_special_port(mach_task_self(), TASK_KERNEL_PORT) gives, if the system allows it, or a task "
        "identity token (task_create_identity_token). Read and inspect ports cannot be sent by anybody."
    )


def _flavour(number: int) -> str:
    try:
        return GuardFlavor(number).name
    except ValueError:
        return f"flavour {number}"
