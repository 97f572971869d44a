"""U2: mach_thread_self() without a release."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, gains
from portaudit.model.finding import Confidence
from portaudit.model.kobject import THREAD_CONTROL


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when exactly one thread port of a task rose."""
    rows = [row for row in gains(evidence) if row.kobject == THREAD_CONTROL]
    for row in rows:
        if sum(other.role == row.role and other.process == row.process for other in rows) == 1:
            yield Claim((row,), f"one thread port rose: {count(row)}", Confidence.CERTAIN)


RULE = Rule(
    id="U2",
    title="a thread's own port is taken and never given back",
    cause="mach_thread_self() adds one reference at every call",
    fix="use pthread_mach_thread_np(pthread_self()), which adds none, or mach_port_deallocate after each use",
    case="WebKit/WebKit#71210",
    find=find,
)
