"""Spaces for tests: built from rows, or by chance."""

from dataclasses import replace
from functools import partial
from itertools import starmap
from struct import Struct, unpack
from typing import Any

from hypothesis import strategies as st

from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import (
    Entries,
    Line,
    Machine,
    NotRead,
    Peer,
    Process,
    ReceiveColumns,
    Snapshot,
    Task,
)

HOST_PORT = 0x0C5C1A40
EXTENSION_PORT = 0x0C5C1B80


def type_of(rights):
    """Give the type bits of these rights: the opposite of rights_of."""
    return sum(TYPE_BIT[right] for right in rights)


def entries(*rows):
    """Build entries from (name, rights, urefs, object, kobject)."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    names, rights, urefs, objects, kobjects = map(list, columns)
    types = [type_of(tuple(Right(word) for word in text.split(","))) for text in rights]
    receive = [row for row, bits in enumerate(types) if bits & TYPE_BIT[Right.RECEIVE]]
    zeros: list[Any] = [0] * len(receive)
    nothing: Any = ([None] * len(receive) for _ in range(8))
    return Entries(
        names,
        types,
        urefs,
        objects,
        kobjects,
        receive=ReceiveColumns(receive, zeros, *nothing),
    )


def task(role, space, pid=None, **more):
    """Build a task of the pair: the host is 4242, the extension 4243."""
    number = pid or {"host": 4242, "extension": 4243}.get(role, 4244)
    name = {"host": "Host", "extension": "Ext"}.get(role, "other")
    return Task(Process(number, 1000.0 + number, name), role, way="space-info", entries=space, **more)


def pair(host_rows=(), extension_rows=(), **more):
    """Build a snapshot of the pair; each task starts with its own port under 0x103."""
    host = entries((0x103, "send", 2, HOST_PORT, 2), *host_rows)
    extension = entries((0x103, "send", 2, EXTENSION_PORT, 2), *extension_rows)
    return Snapshot((task("host", host), task("extension", extension)), settled=True, **more)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
RIGHTS = ("send", "recv", "recv,send", "send-once", "port-set", "dead-name")
REFERENCES = {"recv": 0, "port-set": 0, "send-once": 1}
"""Rights whose count of references is no choice."""
MOST = 12
ROW = Struct("<BIBBHBIB")
TOLD = Struct("<BBBIBI")
"""What chance says of a row: which, what, and of its peer."""
TASK = 8 + MOST * ROW.size + 3 * TOLD.size
"""Bytes of which a task is made: Hypothesis takes as long to draw these as to draw three numbers."""
SHOT = 3 * 8
KNOWN = bytes(2 * kobject + 1 for kobject in (0, 1, 2, 3, 23, 29, 30, 37))
"""Eight objects that are met again and again, and the byte that says what each is."""


def word(width, bits):
    """Give a number: one of eight, one of any width up to 32 bits, or one as far below the largest."""
    kind, number = width >> 5, bits >> (width & 31)
    return bits >> 29 if kind < 3 else 0xFFFFFFFF - number if kind == 7 else number


def one_of(said, choice):
    """Choose one of the texts."""
    return said[choice % len(said)] if said else ""


def perhaps(said, choice):
    """Choose one of the texts, or none."""
    return one_of(said, choice >> 1) if choice & 1 else None


def row_of(rights, few):
    """Give a row of what chance says; one of the eight most frequent objects keeps its kind."""
    width, name, right, less, urefs, wide, port, kobject = few
    kind, denoted = rights[right % len(rights)], word(wide, port)
    references = REFERENCES.get(kind, 1 + (urefs >> (less & 15)) % (2 if less & 16 else 65534))
    kobject = KNOWN[denoted] if denoted < len(KNOWN) and kobject & 7 else kobject
    return word(width, name), kind, references, denoted, (kobject >> 1) % 54 if kobject & 1 else None


def space(rights, data, said):
    """Give a space of up to twelve rows that hold these rights, and what is said of some of them."""
    number = data[0] % (MOST + 1)
    chosen = [row_of(rights, few) for few in ROW.iter_unpack(data[8 : 8 + MOST * ROW.size])][:number]
    rows = sorted({row[0]: row for row in chosen}.values())
    descriptions, peers = {}, {}
    for told, few in enumerate(TOLD.iter_unpack(data[8 + MOST * ROW.size :])):
        place, text, width, pid, wide, name = few
        if place % MOST < len(rows) and data[1] >> told & 1:
            descriptions[place % MOST] = one_of(said, text)
        if place // MOST % MOST < len(rows) and data[2] >> told & 1:
            peers[place // MOST % MOST] = Peer(word(width, pid), one_of(said, text >> 4), word(wide, name))
    return replace(entries(*rows), description=descriptions, peer=peers)


drawn = st.binary(min_size=TASK, max_size=TASK)
names = st.lists(texts, max_size=6)


def spaces(rights=RIGHTS):
    """Give any space that holds these rights, with descriptions and peers.

    What takes many choices is drawn as bytes, which Hypothesis draws at once, and the texts by themselves.
    """
    return st.builds(partial(space, rights), drawn, names)


def read(pid, role, rights, data, said):
    """Give a task of any name that was read."""
    process = Process(pid, pid - 4237.0, perhaps(said, data[3]))
    context = word(data[4], int.from_bytes(data[4:8])) if role == "host" and data[3] & 0x80 else None
    return Task(process, role, "space-info", "read", context, space(rights, data, said))


def snapshots(rights=RIGHTS):
    """Give any snapshot of a host, an extension and perhaps a task that was not read."""

    def shot(host, extension, rest, said, taken):
        tasks = [read(4242, "host", rights, host, said), read(4243, "extension", rights, extension, said)]
        words = [one_of(said, choice) for choice in rest[4:11]]
        if rest[0] & 1:
            tasks.append(Task(Process(77), not_read=NotRead(words[0]), notes=(words[1],), gaps=(words[2],)))
        lines = zip(unpack("<II", rest[16:]), words[3:5], strict=True)
        return Snapshot(
            tuple(tasks),
            taken,
            Machine(boot="b"),
            perhaps(said, rest[1]),
            (None, True, False)[rest[2] % 3],
            tuple(starmap(Line, lines))[: rest[3] % 3],
            tuple(words[5:])[: rest[3] // 3 % 3],
        )

    rest = st.binary(min_size=SHOT, max_size=SHOT)
    return st.builds(shot, drawn, drawn, rest, names, st.none() | st.floats(0, 4e9))
