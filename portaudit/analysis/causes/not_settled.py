"""R2: a snapshot that was taken while things moved."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.difference import Difference
from portaudit.model.finding import Confidence, Severity, Verdict
from portaudit.model.snapshot import Snapshot


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a snapshot whose readings never agreed."""
    for when, snapshot in _named(evidence.spaces.difference):
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


def _named(difference: Difference) -> list[tuple[str, Snapshot]]:
    snapshots = [difference.before, *difference.between, difference.after]
    if not difference.between:
        return list(zip(("before", "after"), snapshots, strict=True))
    return [(f"{number} of {len(snapshots)}", each) for number, each in enumerate(snapshots, 1)]


RULE = Rule(
    id="R2",
    title="a snapshot never settled",
    cause="no two readings agreed: the processes were at work while they were read",
    fix="read when they are quiet, or give the reading more time with --settle",
    case="",
    find=find,
)
