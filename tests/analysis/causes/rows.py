"""Rows of a space for the tests of rules, and what the rules say of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from portaudit.analysis.causes import CAUSES, FILLED, GUARDED, RECYCLED, UNDECIDED, Evidence, claims
from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import apply, parse_expectation
from portaudit.analysis.judge import judge
from portaudit.analysis.kinds import with_kinds
from portaudit.analysis.spaces import Spaces
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Peer, Process, Receive, ReceiveColumns, Snapshot, Task
from tests.spaces import type_of

HOST_TASK = 0xA000
EXTENSION_TASK = 0xB000
QUEUE, THREAD, CONTROL, HOST, TASK_NAME = 0, 1, 2, 3, 20
SEMAPHORE, CLOCK, MEMORY, CONNECT, IOKIT, FILEPORT, VOUCHER = 23, 25, 28, 29, 30, 34, 37
INSPECT, READ, TOKEN = 44, 45, 50
MAIN_DEVICE = 19


@dataclass(frozen=True)
class Row:
    """One name of a space."""

    name: int
    rights: tuple[Right, ...]
    urefs: int | None
    object: int | None
    kobject: int | None
    description: str | None = None
    peer: str | None = None
    receive: Receive | None = None


Scenes = dict[str, tuple[list[Row], list[Row]]]
"""Why a rule is silent -> rows before and after."""


def send(name, urefs, number, kobject: int | None = QUEUE, description=None, peer=None):
    """Give a name with a send right."""
    return Row(name, (Right.SEND,), urefs, number, kobject, description, peer)


def recv(name, number, sends=0, **known):
    """Give a name with a receive right, and `sends` references to send if there are any."""
    rights = (Right.RECEIVE, Right.SEND) if sends else (Right.RECEIVE,)
    return Row(name, rights, sends, number, QUEUE, receive=Receive(**{"queued": 0, **known}))


def once(name, number):
    """Give a name with a send-once right."""
    return Row(name, (Right.SEND_ONCE,), 1, number, None)


def dead(name, urefs):
    """Give a dead name."""
    return Row(name, (Right.DEAD_NAME,), urefs, 0, None)


def port_set(name, number):
    """Give a port set."""
    return Row(name, (Right.PORT_SET,), 0, number, None)


def entries(rows):
    """Put rows into columns."""
    bit = TYPE_BIT[Right.RECEIVE]
    receives = [(at, row.receive or Receive()) for at, row in enumerate(rows) if type_of(row.rights) & bit]
    known: list[list[Any]] = [
        [getattr(one, part) for _, one in receives] for part in Receive.__struct_fields__
    ]
    return Entries(
        [row.name for row in rows],
        [type_of(row.rights) for row in rows],
        [row.urefs for row in rows],
        [row.object for row in rows],
        [row.kobject for row in rows],
        {at: row.description for at, row in enumerate(rows) if row.description},
        {at: Peer(7, row.peer, 0x11) for at, row in enumerate(rows) if row.peer},
        ReceiveColumns([at for at, _ in receives], *known),
    )


def snapshot(extension, host=(), *, settled=True):
    """Give a snapshot of the pair; each has its own control port under 0x103 unless a row says otherwise."""
    tasks = []
    for role, pid, own, rows in (
        ("host", 4242, HOST_TASK, tuple(host)),
        ("extension", 4243, EXTENSION_TASK, tuple(extension)),
    ):
        mine = () if any(row.name == 0x103 for row in rows) else (send(0x103, 2, own, CONTROL),)
        process = Process(pid, 1000.0 + pid, role.title())
        tasks.append(Task(process, role, "space-info", self_object=own, entries=entries((*mine, *rows))))
    return Snapshot(tuple(tasks), settled=settled)


class Told(NamedTuple):
    """What a report says of one finding, or of one that stays undecided."""

    rule: str
    sure: str
    seen: str
    residual: int


def report(before, after, *expected, host=((), ())):
    """Judge the extension's rows before and after, and the host's."""
    difference = compare((snapshot(before, host[0]), snapshot(after, host[1])))
    return judge(difference, [parse_expectation(text) for text in expected])


def explained(difference, *expected, guards=()):
    """Give each rule with its claim that explains a residual, or a guard exception, however grave that is."""
    applied = apply(difference, with_kinds(difference), map(parse_expectation, expected))
    rows = tuple(row for row in applied.changes if row.residual or row.doubt)
    order = (*GUARDED, *UNDECIDED, *(RECYCLED, FILLED), *CAUSES)
    return claims(order, Evidence(rows, Spaces(difference, rows), guards))[0]


def told(before, after, *expected, host=((), ())):
    """Say which rules explain the residuals of the extension's rows, and the host's."""
    difference = compare((snapshot(before, host[0]), snapshot(after, host[1])))
    return [
        Told(rule.id, str(claim.confidence), claim.evidence, sum(row.residual for row in claim.rows))
        for rule, claim in explained(difference, *expected)
    ]


def rules(before, after, *expected, host=((), ())):
    """Name the rules that speak."""
    return [one.rule for one in told(before, after, *expected, host=host)]
