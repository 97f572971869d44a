"""U2: mach_thread_self() without a release."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, new_or_known
from portaudit.model.finding import Confidence
from portaudit.model.kobject import THREAD_CONTROL


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when exactly one thread port of a task rose."""
    for rows in by_task(evidence.gains({THREAD_CONTROL})):
        if len(rows) == 1:
            row = rows[0]
            # A new thread holds one reference to its own port for as long as it lives
            sure = Confidence.LIKELY if row.before == 0 and row.residual == 1 else Confidence.CERTAIN
            yield Claim(rows, f"one thread port alone: {count(row)}; {new_or_known(row)}", sure)


RULE = Rule(
    id="U2",
    title="a thread's own port is taken and never given back",
    cause="mach_thread_self() adds one reference at every call",
    fix="use pthread_mach_thread_np(pthread_self()), which adds none, or mach_port_deallocate after each use",
    case="WebKit/WebKit#71210",
    find=find,
)
