"""U11: a counter that stands at its maximum."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict
from portaudit.model.rights import UREFS_MAX


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every name whose references stand at 65535 on either side: that is undecided."""
    for row in evidence.spaces.difference.saturated:
        yield Claim(
            (row,),
            f"{row.before} -> {row.after} references: the kernel stops counting at {UREFS_MAX}",
            Confidence.CERTAIN,
            covers=(),
            severity=Severity.ERROR,
            verdict=Verdict.SATURATED,
            reason=f"the count is pegged at {UREFS_MAX} and says nothing",
        )


RULE = Rule(
    id="U11",
    title="user references stand at their maximum",
    cause="a leak has filled the counter; from there on neither leaks nor releases change it",
    fix="restart the process, and look for the leak in its first minutes",
    case="bingosuite/bingo#100",
    find=find,
)
