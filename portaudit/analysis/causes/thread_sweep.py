"""U3: task_threads() whose rights are never released."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.analysis.spaces import Spaces
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import THREAD_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when all thread ports of a space, or all that are new in it, rose by the same number."""
    for kobject in sorted(THREAD_PORTS):
        for rows in by_task(evidence.gains({kobject})):
            if len(rows) > 1 and len({row.residual for row in rows}) == 1:
                yield from _swept(rows, evidence.spaces)


def _swept(rows: tuple[Change, ...], spaces: Spaces) -> Iterator[Claim]:
    rise = rows[0].residual
    if all(row.before == 0 for row in rows):
        new = f"{plural(len(rows), 'new thread row')} with {plural(rise, 'reference')} each"
        doubt = "; threads that were just started look the same after one reading" if rise == 1 else ""
        yield Claim(rows, f"all {new}{doubt}", Confidence.LIKELY if doubt else Confidence.CERTAIN)
    elif len(rows) == spaces.names_of(rows[0], rows[0].kobject):
        yield Claim(rows, f"all {len(rows)} thread rows rose by {rise}", Confidence.CERTAIN)


RULE = Rule(
    id="U3",
    title="every thread of a task is taken, and none is given back",
    cause="task_threads() gives one reference to each thread, and only its array was released",
    fix="mach_port_deallocate each thread, then vm_deallocate the array: count * sizeof(thread_act_t)",
    case="dotnet/runtime#70338",
    find=find,
)
