"""U4: a loop over task_threads() that gave back only some."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence
from portaudit.model.kobject import THREAD_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when several thread ports of a space rose, but not all alike."""
    for kobject in sorted(THREAD_PORTS):
        for rows in by_task(evidence.gains({kobject})):
            if len(rows) > 1:
                there = evidence.spaces.names_of(rows[0], kobject)
                rises = ", ".join(str(rise) for rise in sorted({row.residual for row in rows}))
                yield Claim(rows, f"{len(rows)} of {there} thread rows rose, by {rises}", Confidence.LIKELY)


RULE = Rule(
    id="U4",
    title="some threads of a task are given back, the others are kept",
    cause="the loop that releases what task_threads() gave is left early: an error path, a break, a throw",
    fix="mach_port_deallocate every thread of the array on every way out of the loop",
    case="getsentry/sentry-cocoa#8811",
    find=find,
)
