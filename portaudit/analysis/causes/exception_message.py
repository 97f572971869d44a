"""U6: exception messages whose task and thread rights are never released."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_ID_TOKEN, TASK_PORTS, THREAD_PORTS
from portaudit.model.rights import Right

TASKS = TASK_PORTS | {TASK_ID_TOKEN}


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when task ports and thread ports in one space rose by the same number together."""
    threads = [*evidence.gains(THREAD_PORTS), *_dead_threads(evidence)]
    for rows in by_task([*evidence.gains(TASKS), *threads]):
        of_tasks = [row for row in rows if row.kobject in TASKS and row.right is Right.SEND]
        alive = [row for row in rows if row.kobject in THREAD_PORTS and row.right is Right.SEND]
        dead = [row for row in rows if row.right is Right.DEAD_NAME]
        for of_threads in (alive, alive + dead):
            if of_tasks and of_threads and total(of_tasks) == total(of_threads):
                yield _claim(of_tasks, of_threads)
                break


def _dead_threads(evidence: Evidence) -> list[Change]:
    dead = evidence.gains(right=Right.DEAD_NAME)
    return [row for row in dead if row.was is None or row.kobject in THREAD_PORTS]


def _claim(of_tasks: list[Change], of_threads: list[Change]) -> Claim:
    dead = sum(row.right is Right.DEAD_NAME for row in of_threads)
    ended = f", {plural(dead, 'dead name')} among them," if dead else ""
    together = " together" if len(of_threads) > 1 else ""
    return Claim(
        (*of_tasks, *of_threads),
        f"{plural(len(of_tasks), 'task port')} rose by {total(of_tasks)}, and "
        f"{plural(len(of_threads), 'thread port')}{ended} by {total(of_threads)}{together}",
        Confidence.CERTAIN if total(of_tasks) > 1 and not dead else Confidence.LIKELY,
    )


RULE = Rule(
    id="U6",
    title="the task and thread rights of exception messages are kept",
    cause="each exception message carries a task right and a thread right; the handler released neither",
    fix="mach_port_deallocate both if the routine succeeds; if it fails, MIG's server releases them",
    case="bingosuite/bingo#100",
    find=find,
)
