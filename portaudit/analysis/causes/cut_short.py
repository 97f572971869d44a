"""R3: a run that ended before its time."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a run that was interrupted, failed, or lost a process."""
    reason = evidence.spaces.difference.cut_short
    if reason is not None:
        yield Claim(
            (),
            "",
            Confidence.CERTAIN,
            severity=Severity.WARNING,
            verdict=Verdict.UNREAD,
            reason=reason,
        )


RULE = Rule(
    id="R3",
    title="the run was cut short",
    cause="what was not run to its end cannot be called balanced",
    fix="run it again, to the end",
    case="",
    find=find,
)
