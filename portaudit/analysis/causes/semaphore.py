"""N8: semaphores that are never destroyed."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.finding import Confidence
from portaudit.model.kobject import SEMAPHORE


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more semaphores than before."""
    for rows in by_task(evidence.gains({SEMAPHORE})):
        new = sum(not row.before for row in rows)
        rise = plural(total(rows), "reference")
        seen = f"{plural(len(rows), 'SEMAPHORE name')}, {new} of them new, rose by {rise} together"
        yield Claim(rows, seen, Confidence.CERTAIN if len(rows) > 1 else Confidence.LIKELY)


RULE = Rule(
    id="N8",
    title="semaphores are made and never released",
    cause="semaphore_create without semaphore_destroy, or a dispatch_semaphore_t that is never released",
    fix="semaphore_destroy(mach_task_self(), semaphore), or dispatch_release of each dispatch_semaphore_t",
    case="tinygo-org/tinygo#5119",
    find=find,
)
