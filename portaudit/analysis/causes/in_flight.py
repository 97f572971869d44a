"""F1: what a queued message may carry."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count
from portaudit.model.finding import Confidence, Severity, Verdict
from portaudit.model.rights import Right

MOVABLE = (Right.SEND, Right.SEND_ONCE, Right.RECEIVE)


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every loss while more messages are queued than before: a right in a message is in no space."""
    rises = {title: more for title, more in evidence.spaces.difference.queued.items() if more > 0}
    if not rises:
        return
    where = ", ".join(f"{more} at the {title}'s ports" for title, more in rises.items())
    for right in MOVABLE:
        for row in evidence.losses(right=right):
            yield Claim(
                (row,),
                f"{count(row)}; more messages are queued than before: {where}",
                Confidence.LIKELY,
                severity=Severity.WARNING,
                verdict=Verdict.IN_FLIGHT,
                reason=f"a queued message may carry what is missing ({where})",
            )


RULE = Rule(
    id="F1",
    title="references may be on their way in a queued message",
    cause="a right that was sent and not yet received is in no space",
    fix="read again when the messages have been received",
    case="",
    find=find,
)
