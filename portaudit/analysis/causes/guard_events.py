"""What the kernel noticed: bad releases, and rights that it does not let go."""

# What knows of guards brings a large table, which most audits never need: it is imported where it is used
from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, brief, the
from portaudit.analysis.spaces import standing
from portaudit.model.difference import Kind
from portaudit.model.finding import Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.model.difference import Change, Difference
    from portaudit.model.guard import GuardEvent
    from portaudit.model.snapshot import Task

RELEASES = frozenset({0x2, 0x100, 0x200, 0x400, 0x20_0000})
"""MOD_REFS, INVALID_RIGHT, -_NAME, -_VALUE, MOD_REFS_NON_FATAL (XNU osfmk/mach/port.h:528-564)."""


MOVES = frozenset({0x20, 0x40_0000})
"""IMMOVABLE (ILLEGAL_MOVE in crash reports) and its non-fatal kin (same place)."""


NO_RIGHT = Right.SEND
"""What a name that denotes nothing is shown as: a send right with no references."""


def events_by_task(
    evidence: Evidence, flavours: frozenset[int]
) -> Iterator[tuple[Task, tuple[GuardEvent, ...]]]:
    """Group the events of these flavours by task, flavour and caller: one mistake, one matter."""
    if not evidence.guards:
        return
    from portaudit.model.guard import MACH_PORT

    groups: dict[object, list[GuardEvent]] = defaultdict(list)
    for event in evidence.guards:
        if event.guard == MACH_PORT and event.flavour in flavours:
            groups[event.pid, event.process, event.flavour, event.caller].append(event)
    for events in groups.values():
        task = task_of(evidence, events[0])
        if task is not None:
            yield task, tuple(events)


def task_of(evidence: Evidence, event: GuardEvent) -> Task | None:
    """Find the task that an event was raised in: by pid where it is known, else by process name.

    A report that names neither is joined by the port's name, where that fits one task alone. A task that was
    killed for it stands in the snapshot before only.
    """
    difference = evidence.spaces.difference
    if event.pid is None and event.process is None:
        return _task_by_name(difference, event)
    for task in (*difference.after.tasks, *difference.before.tasks):
        same_pid = event.pid is not None and event.pid == task.process.pid
        if same_pid or (event.pid is None and event.process and event.process == task.process.name):
            return task
    return None


def _task_by_name(difference: Difference, event: GuardEvent) -> Task | None:
    """Find the one compared task that had the event's name before, and where it fits what is there now."""
    from portaudit.analysis.guard import name_fits, port_name

    name = port_name(event)
    had = {
        task.title
        for task in difference.before.tasks
        if name is not None and task.entries is not None and name in task.entries.name
    }
    fitting = [
        task
        for task in difference.after.tasks
        if task.title in had
        and task.title in difference.unchanged
        and task.entries is not None
        and name_fits(event, task.entries.named(name or 0))
    ]
    return fitting[0] if len(fitting) == 1 else None


def rows_of(task: Task, events: tuple[GuardEvent, ...]) -> tuple[Change, ...]:
    """Give one row for each name that the events are about, as it stands after."""
    from portaudit.analysis.guard import port_name

    names = dict.fromkeys(name for event in events if (name := port_name(event)) is not None)
    return tuple(_row(task, name) for name in names)


def _row(task: Task, name: int) -> Change:
    entry = task.entries.named(name) if task.entries else None
    right = entry.rights[-1] if entry and entry.rights else NO_RIGHT
    row = standing(task, entry, right, entry.urefs if entry else 0)
    return structs.replace(row, name=name, kind=Kind.GUARDED)


def seen(events: tuple[GuardEvent, ...]) -> str:
    """Say what the kernel noticed, how often, who called, and what became of the process."""
    from portaudit.analysis.guard import describe

    told = describe(events[0])
    times = "" if len(events) == 1 else f" and {len(events) - 1} more"
    caller = f", called by {brief(events[0].caller)}" if events[0].caller else ""
    killed = "; the process was killed for it" if any(event.killed for event in events) else ""
    return f"{told.title}{times}{caller}: {told.mistake}{killed}"


def left_over(evidence: Evidence) -> Iterator[str]:
    """Say of each event that no rule tells of why that is: nothing given to an audit is lost in silence."""
    for event in evidence.guards:
        from portaudit.analysis.guard import describe

        told = describe(event)
        where = f" in {brief(event.process)}" if event.process else ""
        if told.declined:
            yield f"guard exception{where}: {told.declined}"
        elif event.pid is None and event.process is None and task_of(evidence, event) is None:
            yield f"guard exception {told.title}: the report does not say which process raised it"
        elif task_of(evidence, event) is None:
            yield f"guard exception {told.title}{where}: not raised in a task of these snapshots"
        elif event.flavour not in RELEASES | MOVES:
            yield f"guard exception {told.title}{where}: {told.mistake} (portaudit decode tells more)"


def bad_release(evidence: Evidence) -> Iterator[Claim]:
    """Speak of guard exceptions that a bad release raised in a compared task."""
    for task, events in events_by_task(evidence, RELEASES):
        yield Claim(
            rows_of(task, events),
            seen(events),
            Confidence.CERTAIN,
            covers=(),
            verdict=Verdict.OVER_RELEASED,
            title=f"{the(task.title)} released a name that it no longer held, or that was not its to release",
        )


O5 = Rule(
    id="O5",
    title="a name was released that denotes nothing, or another kind of right",
    cause="a right was freed twice, its name was kept after the free, or the wrong call was used for it",
    fix="release each reference once, with the call for its kind, and set the name to MACH_PORT_NULL then",
    case="lihaoyun6/AirBattery#24",
    find=bad_release,
)


def illegal_move(evidence: Evidence) -> Iterator[Claim]:
    """Speak of guard exceptions that sending an immovable right raised in a compared task."""
    for task, events in events_by_task(evidence, MOVES):
        yield Claim(
            rows_of(task, events),
            seen(events),
            Confidence.LIKELY,
            covers=(),
            verdict=Verdict.NOT_ALLOWED,
            title=f"{the(task.title)} sent a right that may not be sent",
        )


O7 = Rule(
    id="O7",
    title="a right was sent that the kernel does not let go",
    cause=(
        "the own control port of a platform or hardened process, and every task's read and inspect port, "
        "are immovable"
    ),
    fix="send a task identity token (task_create_identity_token), from which the receiver gets a port",
    case="",
    find=illegal_move,
)
