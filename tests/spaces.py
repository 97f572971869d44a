"""Spaces for tests: built from rows, or by chance."""

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
rights = st.sampled_from(["send", "recv", "recv,send", "send-once", "port-set", "dead-name"])


@st.composite
def rows(draw):
    """One row as `entries` takes it, without its name."""
    right = draw(rights)
    urefs = {"recv": 0, "port-set": 0, "send-once": 1}.get(right, draw(st.integers(1, 65534)))
    return right, urefs, draw(words), draw(st.none() | st.integers(0, 53))


@st.composite
def spaces(draw):
    """Give any space, with descriptions and peers."""
    names = draw(st.lists(words, unique=True, max_size=12))
    space = entries(*((name, *draw(rows())) for name in sorted(names)))
    places = st.dictionaries(st.integers(0, len(names) - 1), texts, max_size=3) if names else st.just({})
    descriptions = draw(places)
    peers = {row: Peer(draw(words), text, draw(words)) for row, text in draw(places).items()}
    return Entries(
        space.name, space.type, space.urefs, space.object, space.kobject, descriptions, peers, space.receive
    )


@st.composite
def snapshots(draw):
    """Give any snapshot of a host, an extension and perhaps a task that was not read."""
    tasks = [
        Task(
            Process(4242, 5.0, draw(maybe_text)),
            "host",
            "space-info",
            "read",
            draw(st.none() | words),
            draw(spaces()),
        ),
        Task(Process(4243, 6.0, draw(maybe_text)), "extension", "space-info", "read", None, draw(spaces())),
    ]
    if draw(st.booleans()):
        reason = NotRead(draw(texts))
        tasks.append(Task(Process(77), not_read=reason, notes=(draw(texts),), gaps=(draw(texts),)))
    lines = tuple(draw(st.lists(st.builds(Line, words, texts), max_size=2)))
    return Snapshot(
        tuple(tasks),
        draw(st.none() | st.floats(0, 4e9)),
        Machine(boot="b"),
        draw(maybe_text),
        draw(st.none() | st.booleans()),
        lines,
        tuple(draw(st.lists(texts, max_size=2))),
    )
