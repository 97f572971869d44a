"""O5: a release that the kernel noticed: the trace of a double free that no table shows."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.guarded import RELEASES, events_by_task, rows_of, seen
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of guard exceptions that a bad release raised in a compared task."""
    for task, events in events_by_task(evidence, RELEASES):
        yield Claim(
            rows_of(task, events),
            seen(events),
            Confidence.CERTAIN,
            covers=(),
            severity=Severity.ERROR,
            verdict=Verdict.OVER_RELEASED,
            title=f"the {task.title} released a name that it no longer held, or that was not its to release",
        )


RULE = Rule(
    id="O5",
    title="a name was released that denotes nothing, or another kind of right",
    cause="a right was freed twice, its name was kept after the free, or the wrong call was used for it",
    fix="release each reference once, with the call for its kind, and set the name to MACH_PORT_NULL then",
    case="lihaoyun6/AirBattery#24",
    find=find,
)
