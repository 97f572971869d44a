"""Reports of every kind, each made by comparing two small snapshots: what the golden files are of."""

from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.analysis.warming import with_warm_up
from portaudit.model.check import Accepted, Suppression, SuppressionState, SuppressionUse
from portaudit.model.declared import Place, Terms
from portaudit.model.finding import Outcome
from portaudit.model.kobject import HOST, IOKIT_OBJECT, SEMAPHORE, TASK_CONTROL, TASK_READ, THREAD_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Machine, NotRead, Peer, Process, ReceiveColumns, Snapshot, Task
from tests.spaces import type_of

SEND, RECEIVE, DEAD = Right.SEND, Right.RECEIVE, Right.DEAD_NAME
HOST_TASK, EXTENSION_TASK, HOST_PORT, THREAD, SERVICE = (
    0x0C5C1A40,
    0x0C5C1B00,
    0x0C5C0100,
    0x0C5C1C00,
    0x0C5C2000,
)
HOSTILE = "\x1b[31m</script>]]>\"'`|<b>@all #1 ::error::\r\n\u202e\u200f\ud800\x00 &amp; ##[x]"

HOST_SPACE = (
    (0x103, SEND, 2, HOST_TASK, TASK_CONTROL),
    (0x207, SEND, 3, HOST_PORT, HOST),
    (0x303, SEND, 1, THREAD, THREAD_CONTROL),
    (0x403, RECEIVE, 0, SERVICE, 0),
)
EXTENSION_SPACE = (
    (0x103, SEND, 2, EXTENSION_TASK, TASK_CONTROL),
    (0x203, SEND, 1, HOST_PORT, HOST),
    (0x303, SEND, 1, SERVICE, 0, "com.example.service", Peer(4242, "Host", 0x403)),
)


def space(*rows, queued=None):
    """Build a space of rows: name, right, urefs, object, kobject, and maybe description and peer."""
    receives = [number for number, row in enumerate(rows) if row[1] is RECEIVE]
    nothing: list[Any] = [None] * len(receives)
    return Entries(
        name=[row[0] for row in rows],
        type=[type_of((row[1],)) for row in rows],
        urefs=[row[2] for row in rows],
        object=[row[3] for row in rows],
        kobject=[row[4] for row in rows],
        description={number: row[5] for number, row in enumerate(rows) if len(row) > 5 and row[5]},
        peer={number: row[6] for number, row in enumerate(rows) if len(row) > 6},
        receive=ReceiveColumns(receives, [queued] * len(receives), [5] * len(receives), *[nothing] * 7),
    )


def snapshot(host=HOST_SPACE, extension=EXTENSION_SPACE, *others, names=("Host", "Extension"), queued=0):
    """Build a snapshot of a host and an extension; a sentence in place of rows says why one was not read."""
    roles = ((4242, "host", host), (4243, "extension", extension))
    tasks = [
        _task(Process(pid, 1.5, name), role, rows, queued)
        for (pid, role, rows), name in zip(roles, names, strict=True)
    ]
    tasks += [_task(Process(pid, 2.5, name), None, rows, 0) for pid, name, rows in others]
    return Snapshot(tuple(tasks), taken=1763865600.0, machine=Machine(kernel="simulated"), settled=True)


def _task(process, role, rows, queued):
    if isinstance(rows, str):
        return Task(process, role, "space-info", "read", not_read=NotRead(rows))
    own = rows[0][3] if rows and rows[0][4] == TASK_CONTROL else None
    return Task(process, role, "space-info", "read", own, entries=space(*rows, queued=queued))


def kept(urefs, kobject=TASK_CONTROL, name=0x1103, number=HOST_TASK):
    """Give the row that an extension has when it keeps what it received."""
    return (name, SEND, urefs, number, kobject)


def without(rows, name):
    """Give the rows but that of one name."""
    return tuple(row for row in rows if row[0] != name)


def judged(before, after, *rules):
    """Judge two snapshots, the second taken ten seconds after the first."""
    later = replace(after, taken=(before.taken or 0) + 10)
    return judge(compare((before, later)), [parse_expectation(rule) for rule in rules])


def clean():
    """Build a report of two equal snapshots."""
    return judged(snapshot(), snapshot())


def kept_declared():
    """Build a report of a transfer that did what was declared."""
    after = snapshot(extension=(*EXTENSION_SPACE, kept(1)))
    return judged(snapshot(), after, "extension: task-control of host +1")


def leak():
    """Build a report of three transfers that were not given back."""
    return judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, kept(3))))


def leak_once():
    """Build a report of one reference more than was declared."""
    after = snapshot(extension=(*EXTENSION_SPACE, kept(2)))
    return judged(snapshot(), after, "extension: task-control of host +1")


def double_free():
    """Build a report of a host that lost a reference to its own port, and its thread's."""
    host = ((0x103, SEND, 1, HOST_TASK, TASK_CONTROL), *without(without(HOST_SPACE, 0x103), 0x303))
    return judged(snapshot(), snapshot(host))


def swapped():
    """Build a report of a right that was moved where a copy was meant."""
    less = ((0x103, SEND, 1, HOST_TASK, TASK_CONTROL), *without(HOST_SPACE, 0x103))
    return judged(snapshot(), snapshot(less, (*EXTENSION_SPACE, kept(1))))


def dead_name():
    """Build a report of references to a port that died."""
    dead = (0x303, DEAD, 4, 0, None)
    before = snapshot(extension=without(EXTENSION_SPACE, 0x303))
    return judged(before, snapshot(extension=(*without(EXTENSION_SPACE, 0x303), dead)))


def recycled():
    """Build a report of a name that denotes another port now."""
    other = (0x303, SEND, 1, 0x0C5C7700, SEMAPHORE)
    return judged(snapshot(), snapshot(extension=(*without(EXTENSION_SPACE, 0x303), other)))


def pegged():
    """Build a report of a count at its maximum."""
    before = snapshot((*without(HOST_SPACE, 0x207), (0x207, SEND, 65535, HOST_PORT, HOST)))
    return judged(before, before)


def in_flight():
    """Build a report of a right that a queued message may carry."""
    less = (*without(HOST_SPACE, 0x207), (0x207, SEND, 2, HOST_PORT, HOST))
    return judged(snapshot(), snapshot(less, queued=1))


def unread():
    """Build a report of an extension that could not be read."""
    reason = "task_read_for_pid says (os/kern) failure: try sudo, or get-task-allow in the extension"
    return judged(snapshot(), snapshot(extension=reason))


def suppressed():
    """Build a report whose finding is accepted, with one of each kind of what a project may accept."""
    report = leak()
    found = report.findings[0]
    rule = Suppression("U5", "XPC caches it", date(2026, 12, 1), "extension", "TASK-CONTROL")
    old = replace(rule, rule="U1", until=date(2026, 11, 1))
    return replace(
        report,
        outcome=Outcome.BALANCED,
        findings=(),
        suppressed=(structs.replace(found, reason="XPC caches it", place=Place("portaudit.toml", 7)),),
        accepted=(structs.replace(found, rule="U7", reason="known since 1.0"),),
        gone=(Accepted("0123", "N8", "semaphores are kept", count=2),),
        suppressions=(
            SuppressionUse(rule, SuppressionState.USED, 1, 8),
            SuppressionUse(replace(rule, rule="N3"), SuppressionState.UNUSED, 0, 8),
            SuppressionUse(old, SuppressionState.EXPIRED, 2, -22),
        ),
    )


def many():
    """Build a report of many findings of several kinds, one with more rows than a table shows at once."""
    grown = [
        (0x2003 + 0x100 * n, SEND, 2 + n % 3, 0x0D000000 + n * 0x40, IOKIT_OBJECT, f"AppleThing{n % 4}")
        for n in range(14)
    ]
    dead = [(0x8003 + 0x100 * n, DEAD, 1, 0, None) for n in range(24)]
    ports = [(0x6003, SEND, 5, EXTENSION_TASK, TASK_CONTROL), (0x6103, SEND, 2, 0x0D990000, TASK_READ)]
    known = [(name, SEND, 1, number, kobject, text) for name, _, _, number, kobject, text in grown]
    before = snapshot((*HOST_SPACE, *known), EXTENSION_SPACE, (77, "helper", HOST_SPACE[1:2]))
    host = (*without(HOST_SPACE, 0x207), (0x207, SEND, 9, HOST_PORT, HOST), *grown, *ports)
    helper = ((0x207, SEND, 4, HOST_PORT, HOST),)
    return judged(before, snapshot(host, (*EXTENSION_SPACE, kept(3), *dead), (77, "helper", helper)))


def hostile(text=HOSTILE):
    """Build a report whose every text from the machine tries to break out of its place."""
    peer = Peer(9, text, 0x11)
    before = snapshot(HOST_SPACE, EXTENSION_SPACE, (9, text, HOST_SPACE[1:2]), names=(text, text))
    ports = ((0x1303, SEND, 2, 0x0C5C4000, IOKIT_OBJECT, text), (0x1403, SEND, 2, 0x0C5C4040, 0, text, peer))
    extension = (*EXTENSION_SPACE, kept(3), *ports)
    third = (9, text, ((0x207, SEND, 4, HOST_PORT, HOST),))
    after = snapshot(HOST_SPACE, extension, third, names=(text, text))
    report = judged(replace(before, label=text), replace(after, label=text))
    first, *others = report.findings
    told = structs.replace(
        first, title=f"{first.title} {text}", evidence=text, case=text, place=Place(f"{text}.toml", 3)
    )
    unknown = structs.replace(told, rule="R1", reason=text)
    return replace(
        report,
        findings=(told, *others),
        undecided=(unknown,),
        suppressed=(unknown,),
        notes=(text,),
        warm_up=report.changes,
    )


def warmed():
    """Build a report of rounds without a change, after a warm-up that kept a reference."""
    start, after = snapshot(), snapshot(extension=(*EXTENSION_SPACE, kept(1)))
    rounds = [replace(after, taken=(after.taken or 0) + 10 * number) for number in range(1, 4)]
    return with_warm_up(judge(compare(rounds), (), Terms(warmed=True)), (start, rounds[0], rounds[-1]), (), 1)


def series():
    """A leak on an error path, a cache, a semaphore each round, and ports that come and go."""
    rounds = []
    for number in range(7):
        third = [(0x1103, SEND, number // 3, HOST_TASK, TASK_CONTROL)] * bool(number // 3)
        cached = [(0x1203, SEND, 1, HOST_PORT + 1, HOST)] * bool(number)
        semaphores = [(0x2003 + 4 * each, SEND, 1, 0x0C600000 + each, SEMAPHORE) for each in range(number)]
        stranger = [(0x4003 + 4 * number, RECEIVE, 0, 0x0C700000 + number, 0)] * (number % 2)
        extension = (*EXTENSION_SPACE, *third, *cached, *semaphores, *stranger)
        rounds.append(replace(snapshot(HOST_SPACE, extension), taken=1_763_900_000.0 + 10 * number))
    return judge(compare(rounds))


SCENARIOS = {
    "clean": clean,
    "kept-declared": kept_declared,
    "leak": leak,
    "leak-once": leak_once,
    "double-free": double_free,
    "swapped": swapped,
    "dead-name": dead_name,
    "recycled": recycled,
    "pegged": pegged,
    "in-flight": in_flight,
    "unread": unread,
    "suppressed": suppressed,
    "many": many,
    "hostile": hostile,
    "series": series,
    "warmed": warmed,
}
