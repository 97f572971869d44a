"""O1: fewer references than must still be held."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, plural, port, who
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import GRAVE


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to a task, thread or host port, or to what an expectation names, are missing."""
    for row in evidence.losses():
        if row.kobject in GRAVE or row.allowed_by is not None:
            seen = f"{count(row)}, and no other task gained them"
            yield Claim((row,), seen, _sureness(row), title=_title(row))


def _title(row: Change) -> str:
    missing = plural(-row.residual, "reference")
    return f"the {who(row)} lacks {missing} to {port(row)} that it must still hold"


def _sureness(row: Change) -> Confidence:
    # A right that has gone altogether may have gone with its object: the thread or the task has ended
    return Confidence.CERTAIN if row.after else Confidence.LIKELY


RULE = Rule(
    id="O1",
    title="references are freed that must still be held",
    cause="one reference was released twice, or handed off (MACH_MSG_TYPE_MOVE_SEND) without being declared",
    fix="release each reference once; declare a hand-off with --expect",
    case="apple/swift-lldb#480",
    find=find,
)
