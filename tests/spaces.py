"""Spaces for tests: built from rows, or by chance."""

from dataclasses import replace
from operator import itemgetter
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


words = st.integers(0, 0xFFFFFFFF)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe_text = st.none() | texts
RIGHTS = ("send", "recv", "recv,send", "send-once", "port-set", "dead-name")
REFERENCES = {"recv": 0, "port-set": 0, "send-once": 1}
"""Rights whose count of references is no choice."""
MOST = 12
places = st.integers(0, MOST - 1)
descriptions = st.dictionaries(places, texts, max_size=3)
peers = st.dictionaries(places, st.builds(Peer, words, texts, words), max_size=3)


def space(rows, descriptions, peers):
    """Give a space of these rows, and of what is said of rows the part that is there."""
    told = [
        (name, right, REFERENCES.get(right, urefs), port, kobject)
        for name, right, urefs, port, kobject in sorted(rows, key=itemgetter(0))
    ]
    bare = entries(*told)
    there = range(len(told))
    return replace(
        bare,
        description={row: text for row, text in descriptions.items() if row in there},
        peer={row: peer for row, peer in peers.items() if row in there},
    )


def spaces(rights=RIGHTS):
    """Give any space that holds these rights, with descriptions and peers."""
    row = st.tuples(
        words, st.sampled_from(rights), st.integers(1, 65534), words, st.none() | st.integers(0, 53)
    )
    rows = st.lists(row, unique_by=itemgetter(0), max_size=MOST)
    return st.builds(space, rows, descriptions, peers)


def was_read(pid, role, rights, context):
    """Give a task of any name that was read."""
    process = st.builds(Process, st.just(pid), st.just(pid - 4237.0), maybe_text)
    constants = map(st.just, (role, "space-info", "read"))
    return st.builds(Task, process, *constants, context, spaces(rights))


def not_read(reason, note, gap):
    """Give a task that was not read."""
    return Task(Process(77), not_read=NotRead(reason), notes=(note,), gaps=(gap,))


def snapshots(rights=RIGHTS):
    """Give any snapshot of a host, an extension and perhaps a task that was not read."""
    both = (was_read(4242, "host", rights, st.none() | words), was_read(4243, "extension", rights, st.none()))
    unread = st.none() | st.builds(not_read, texts, texts, texts)
    return st.builds(
        Snapshot,
        st.tuples(*both, unread).map(lambda tasks: tuple(filter(None, tasks))),
        st.none() | st.floats(0, 4e9),
        st.just(Machine(boot="b")),
        maybe_text,
        st.none() | st.booleans(),
        st.lists(st.builds(Line, words, texts), max_size=2).map(tuple),
        st.lists(texts, max_size=2).map(tuple),
    )
