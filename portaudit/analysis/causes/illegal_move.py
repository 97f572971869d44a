"""O7: a right that the kernel does not let go."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.guarded import MOVES, events_by_task, rows_of, seen
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of guard exceptions that sending an immovable right raised in a compared task."""
    for task, events in events_by_task(evidence, MOVES):
        yield Claim(
            rows_of(task, events),
            seen(events),
            Confidence.LIKELY,
            covers=(),
            severity=Severity.ERROR,
            verdict=Verdict.NOT_ALLOWED,
            title=f"the {task.title} sent a right that may not be sent",
        )


RULE = Rule(
    id="O7",
    title="a right was sent that the kernel does not let go",
    cause=(
        "the own control port of a platform or hardened process, and every task's read and inspect port, "
        "are immovable"
    ),
    fix="send a task identity token (task_create_identity_token), from which the receiver gets a port",
    case="",
    find=find,
)
