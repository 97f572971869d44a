"""R1: a task that could not be compared."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every task that was not read on both sides, or is another one now."""
    for unread in evidence.spaces.difference.unread:
        yield Claim(
            (),
            "",
            Confidence.CERTAIN,
            severity=Severity.WARNING,
            verdict=Verdict.UNREAD,
            title=f"{unread.title} cannot be compared",
            reason=unread.reason,
        )


RULE = Rule(
    id="R1",
    title="a task cannot be compared",
    cause="only a task that was read on both sides, and is the same task, can be judged",
    fix="read both snapshots while the same processes run",
    case="",
    find=find,
)
