"""Read what lsmp printed, text or JSON, into a snapshot."""

from itertools import compress

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.heading import Failures, Outside
from portaudit.collect.lsmp.json_print import JsonReader
from portaudit.collect.lsmp.layout import text_of
from portaudit.collect.lsmp.reformatted import read_reformatted
from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.text import TextReader
from portaudit.collect.lsmp.totals import counts_of, gaps_of, notes_of
from portaudit.collect.not_understood import NotUnderstood
from portaudit.errors import SnapshotFileError
from portaudit.model.kobject import MESSAGE_QUEUE
from portaudit.model.once import name_twice, pid_twice
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Peer, Process, Snapshot, Task

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIRST_PART = 1 << 16


def looks_like_lsmp(data: bytes) -> bool:
    """Whether the first 64 KiB look like lsmp's text or JSON, whole or torn out of it."""
    first = data[:_FIRST_PART].removeprefix(_BYTE_ORDER_MARK)
    if first.lstrip().startswith(b"{"):
        return b'"processes"' in first
    return any(
        pattern.search(first)
        for pattern in (layout.ANY_PROCESS, layout.ANY_HEADER, layout.ANY_ROW, layout.REFUSED)
    ) or bool(layout.IGNORING.search(first))


def begins_like_lsmp(data: bytes) -> bool:
    """Whether this is lsmp's by the way it begins, so that no name inside it can claim anything else."""
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if data.lstrip()[:1] in (b"{", b"["):
        return JsonReader(data).recognises()
    return looks_like_lsmp(data)


def read_lsmp(data: bytes, source: str = "this lsmp output") -> Snapshot:
    """Read lsmp's text (`-p` or `-a`) or JSON (`-j`), recognised by content; `source` names it in messages.

    Everything that can be read is read, with the rest in Snapshot.not_understood and in the notes of
    the tasks. Raises SnapshotFileError, in one sentence, if there is no process in it at all.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if not data or data.isspace():
        raise SnapshotFileError(f"{source} is empty: lsmp prints nothing when it may not read the process")
    if data.lstrip().startswith(b"{"):
        return _read_json(data, source)
    return _read_text(data, source)


def _read_text(data: bytes, source: str) -> Snapshot:
    if b"\r" in data and layout.CRLF_HEADER.search(data):
        data = data.replace(b"\r\n", b"\n")
    reader = TextReader(data)
    reader.read()
    if not reader.spaces and (refusal := layout.REFUSED.search(data)):
        raise SnapshotFileError(f"{source} holds no table; lsmp said: {text_of(refusal[0])}")
    return _snapshot(reader.spaces, reader.failures, reader.lost, reader.outside, source)


def _read_json(data: bytes, source: str) -> Snapshot:
    reader = JsonReader(data)
    if not reader.recognises():
        return _snapshot(read_reformatted(data, source), Failures(), NotUnderstood(), Outside(), source)
    reader.read()
    return _snapshot(reader.spaces, Failures(), reader.lost, reader.outside, source)


def _snapshot(
    spaces: list[Space], failures: Failures, lost: NotUnderstood, outside: Outside, source: str
) -> Snapshot:
    if not spaces and not failures.tasks():
        raise SnapshotFileError(
            f"{source} holds no process of lsmp's: it ends before the first one, or it is something else"
        )
    for space in spaces:
        if (name := name_twice(space.entries)) is not None:
            raise SnapshotFileError(
                f"{source}: process {space.process.pid} has the name 0x{name:x} twice, and no space has: "
                f"it is damaged, or put together of several prints"
            )
    tell_queues(spaces)
    fill_in_peers(spaces)
    tasks = [_task(space, failures.notes() if space is spaces[0] else ()) for space in spaces]
    if pid := pid_twice(tasks):
        raise SnapshotFileError(f"{source} has process {pid} twice: give each print a file of its own")
    return Snapshot(
        tasks=(*tasks, *failures.tasks()), not_understood=lost.lines(), gaps=outside.gaps(len(spaces))
    )


def _task(space: Space, more_notes: tuple[str, ...]) -> Task:
    space.fill_in_sets()
    counts = counts_of(space.entries)
    notes, gaps = notes_of(space, counts), gaps_of(space, counts)
    space.add_missing_members()
    seams = tuple(space.entries.name[row] for row in sorted(space.seams) if row < len(space.entries))
    return Task(
        process=space.process,
        way="lsmp",
        self_object=space.self_object,
        entries=space.entries,
        notes=(*notes, *more_notes),
        gaps=gaps,
        seams=seams,
    )


_RECEIVES = TYPE_BIT[Right.RECEIVE]
_SENDS = TYPE_BIT[Right.SEND] | TYPE_BIT[Right.SEND_ONCE]


def tell_queues(spaces: list[Space]) -> None:
    """Take rights that lsmp calls UNKNOWN as rights to message queues, unless it knows a queue elsewhere.

    An lsmp that shows the receiver of a send right runs on a kernel that tells plain ports from others (up to
    macOS 15): there UNKNOWN is a kernel object that is younger than lsmp. On macOS 26 no send right has one.
    """
    if not any(_knows_a_queue(space.entries) for space in spaces):
        for space in spaces:
            space.call_queues()


def _knows_a_queue(entries: Entries) -> bool:
    return any(
        kobject == MESSAGE_QUEUE and bits & _SENDS
        for kobject, bits in zip(entries.kobject, entries.type, strict=True)
    )


def fill_in_peers(spaces: list[Space]) -> None:
    """Name the receiver of each right to a message queue whose receive right is in one of the spaces."""
    receivers = _receivers(spaces)
    for space in spaces:
        entries = space.entries
        ports = entries.object
        for row in compress(range(len(entries)), map(_SENDS.__and__, entries.type)):
            if ports[row] in receivers and _tells_no_receiver(entries, row):
                receiver, name = receivers[ports[row]]
                entries.peer[row] = Peer(receiver.pid, receiver.name, name)


def _receivers(spaces: list[Space]) -> dict[int | None, tuple[Process, int]]:
    """Map each port that one of the spaces receives at to its process, and to the port's name there."""
    return {
        port: (space.process, name)
        for space in spaces
        for name, port in compress(
            zip(space.entries.name, space.entries.object, strict=True),
            map(_RECEIVES.__and__, space.entries.type),
        )
        if port
    }


def _tells_no_receiver(entries: Entries, row: int) -> bool:
    """Whether a right to send is no more than that, to a message queue of which lsmp says nothing else."""
    return not (entries.type[row] & _RECEIVES or entries.kobject[row] or row in entries.peer)
