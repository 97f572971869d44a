"""What every format says of the checks of a project after they ran: each in a line, all in a sentence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from portaudit.harmless import safe
from portaudit.model.finding import Checked, CheckState, Outcome
from portaudit.model.place import Place
from portaudit.render.columns import BOLD, GREEN, RED, YELLOW, paint
from portaudit.render.facts import sentence, verdict_sentence
from portaudit.render.style import Style
from portaudit.render.words import counted

INK = {
    CheckState.PASSED: GREEN,
    CheckState.FAILED: RED,
    CheckState.UNDECIDED: YELLOW,
    CheckState.SKIPPED: YELLOW,
}
UNSETTLED = (CheckState.FAILED, CheckState.UNDECIDED)
"""How a check ends that somebody must look at."""


def line(checked: Checked, style: Style) -> str:
    """Say in one line how a check ended; a skip begins so, and never sounds like a verdict."""
    state = paint(checked.state, BOLD, INK[checked.state], colour=style.colour)
    return f"{state}: {safe(checked.name)}: {why(checked)}\n"


def why(checked: Checked) -> str:
    """Say why a check ended so, in a line."""
    if checked.reason is not None or checked.report is None:
        return sentence(checked.reason or "nothing was read").replace("\n", " ")
    balanced = checked.report.outcome is Outcome.BALANCED
    told = f"{'' if balanced else f'{checked.report.outcome}: '}{verdict_sentence(checked.report)}"
    return f"{told} ({checked.report.basis})"


def summary(results: Sequence[Checked]) -> tuple[str, str]:
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


def style_of(checked: Checked, style: Style) -> Style:
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
