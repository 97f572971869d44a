"""R2: a snapshot that was taken while things moved."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a snapshot whose readings never agreed."""
    difference = evidence.spaces.difference
    for when, snapshot in (("before", difference.before), ("after", difference.after)):
        if snapshot.settled is False:
            yield Claim(
                (),
                "",
                Confidence.CERTAIN,
                severity=Severity.WARNING,
                verdict=Verdict.UNREAD,
                title=f"the snapshot {when} never settled",
                reason=f"the snapshot {when} was still changing when it was taken",
            )


RULE = Rule(
    id="R2",
    title="a snapshot never settled",
    cause="no two readings agreed: the processes were at work while they were read",
    fix="read when they are quiet, or give the reading more time with --settle",
    case="",
    find=find,
)
