"""Take one line of lsmp's text apart into a row."""

import re
from collections.abc import Callable
from functools import lru_cache

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import DESCRIPTION_MAX, PROCESS_NAME_MAX, text_of
from portaudit.collect.lsmp.row import (
    SHAPES_MAX,
    TYPES,
    Key,
    Row,
    Shape,
    count_of,
    is_unlabelled,
    kobject_of,
    object_of,
)
from portaudit.model.kobject import MESSAGE_QUEUE, TASK_ID_TOKEN, TASK_PORTS, THREAD_PORTS
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, UREFS_MAX
from portaudit.model.snapshot import Peer, Receive

_TASK_RESUME = 36
_NAMES_A_TASK = TASK_PORTS | {_TASK_RESUME, TASK_ID_TOKEN}
"""Kobject types after which lsmp prints a pid and a process name (port_details.c:664-702)."""

_FLAG_BITS = {"T": 0x01, "G": 0x02, "S": 0x04, "I": 0x08, "R": 0x10, "P": 0x20}
"""MACH_PORT_STATUS_FLAG_* of each letter."""

_UREFS_WITHOUT_COUNT = {TYPES["recv"]: 0, TYPES["port-set"]: 0, TYPES["send-once"]: 1}
"""What the right alone says of its user references."""


def read_entry(line: bytes) -> Row | None:
    """Read a row that begins with a name; None if it is none, not complete, or counts what no kernel can."""
    begin = layout.ENTRY.match(line)
    if begin is None:
        return None
    right = begin[3].decode()
    name, identifier = int(begin[1], 16), int(begin[2], 16)
    row_type = TYPES[right]
    row = Row(name, row_type, object_of(identifier, row_type), urefs=None)
    read = _READERS[right](row, line, begin.end()) or _read_elided(row, line, begin.end())
    return read if read and (read.urefs or 0) <= UREFS_MAX else None


_ANY_NAME = b"00000001"
_ANY_PLACES = b"0x%s  0x%s  " % (_ANY_NAME, _ANY_NAME)


def shape_of(key: Key) -> Shape | None:
    """Read what is left of a line that layout.RUN matched; None if it is no usual row, or not a sound one."""
    left, right = key
    return _shape_of(layout.CONTEXT.sub(rb"\g<1>0000000000000000", left, count=1), right)


@lru_cache(SHAPES_MAX)
def _shape_of(left: bytes, right: bytes) -> Shape | None:
    if left.startswith(b" "):
        return _side_shape_of(left, right)
    if right and not layout.HOLDER_ALONE.fullmatch(left):
        return None
    line = _ANY_PLACES + left + (right and _ANY_NAME + right)
    row = read_entry(line) if len(line) <= layout.LINE_MAX else None
    if row is None or row.elided:
        return None
    room = PROCESS_NAME_MAX if row.description is None else DESCRIPTION_MAX
    return Shape.of(row, len(line) + 1, room)


def _side_shape_of(left: bytes, right: bytes) -> Shape | None:
    line = left + _ANY_NAME + right
    found = layout.OTHER_HOLDER.match(line)
    if found is None or b"x" in left[:-2] or not right or len(line) > layout.LINE_MAX:
        return None
    return Shape(None, len(line) + 1, found.end(), PROCESS_NAME_MAX)


def _read_receive(row: Row, line: bytes, at: int) -> Row | None:
    found = layout.RECEIVE.match(line, at)
    if found is None:
        return None
    counts = [int(count) for count in found["counts"].split()]
    urefs = counts.pop(0) if row.type == TYPES["recv,send"] and counts else 0
    return row._replace(
        type=row.type | _request_bit(found["requests"]),
        urefs=urefs,
        receive=_receive_of(found, counts),
    )


def _receive_of(found: re.Match[bytes], counts: list[int]) -> Receive:
    return Receive(
        queued=count_of(int(found["queued"])),
        queue_limit=count_of(int(found["qlimit"])),
        send_once=count_of(counts[0]) if counts else 0,
        has_senders=found["oref"] == b"Y",
        no_senders_request=found["requests"][1:2] == b"N",
        port_destroyed_request=found["requests"][2:3] == b"P",
        flags=sum(_FLAG_BITS.get(letter, 0) for letter in found["flags"].decode()),
    )


def member_of(found: re.Match[bytes]) -> Row | None:
    """Make a row of a port set's member, whose attributes may be zeros; None if no kernel counts so."""
    row_type = TYPES[found["rights"].decode()]
    sends = row_type != TYPES["recv"] and found["counts"].strip()
    urefs = int(found["counts"].split()[0]) if sends else 0
    if urefs > UREFS_MAX:
        return None
    return Row(
        name=int(found["member"], 16),
        type=row_type | _request_bit(found["requests"]),
        object=object_of(int(found["object"], 16), row_type),
        urefs=urefs,
        receive=Receive(in_set=True),
    )


def _request_bit(requests: bytes) -> int:
    return DEAD_NAME_REQUEST_BIT if requests.startswith(b"D") else 0


def _read_send(row: Row, line: bytes, at: int) -> Row | None:
    found = layout.SEND.match(line, at)
    if found is None or bool(found["urefs"]) != (row.type == TYPES["send"]):
        return None
    urefs = int(found["urefs"]) if found["urefs"] else 1
    row = row._replace(type=row.type | _request_bit(found["requests"]), urefs=urefs)
    return _read_target(row, line, found.end())


def _read_target(row: Row, line: bytes, at: int) -> Row | None:
    """Read what stands behind a send or send-once right: a queue's holder, nobody known, or a kobject."""
    queue = row._replace(kobject=MESSAGE_QUEUE if row.type & TYPES["send"] else None)
    if found := layout.QUEUE.match(line, at):
        peer = Peer(int(found[2]), text_of(line[found.end() :]), int(found[1], 16))
        return queue._replace(peer=peer, text_at=found.end())
    if layout.UNKNOWN_PEER.match(line, at):
        return queue
    if found := layout.KOBJECT.match(line, at):
        label, address = found[2].decode(), int(found[1], 16)
        row = row._replace(kobject=kobject_of(label), unlabelled=is_unlabelled(label, address))
        return _read_kobject(row, line, found.end())
    return None


def _read_kobject(row: Row, line: bytes, at: int) -> Row:
    if row.kobject in _NAMES_A_TASK:
        holder = layout.HELD_BY.match(line, at)
        return row._replace(own=bool(holder and holder[1]), text_at=holder.end() if holder else None)
    if row.kobject in THREAD_PORTS and layout.THREAD_ID.match(line, at):
        return row
    description = line[at + 1 :]
    if not description.strip():
        return row
    return row._replace(description=text_of(description), text_at=at + 1, unlabelled=False)


def _read_dead_name(row: Row, line: bytes, at: int) -> Row | None:
    found = layout.DEAD_NAME.match(line, at)
    return row._replace(urefs=int(found["urefs"])) if found else None


def _read_port_set(row: Row, line: bytes, at: int) -> Row | None:
    found = layout.PORT_SET.match(line, at)
    return row._replace(urefs=0, members=int(found["members"])) if found else None


def _read_elided(row: Row, line: bytes, at: int) -> Row | None:
    """Read what is left of a row whose middle columns somebody replaced by dots."""
    gap = layout.ELISION.search(line, at)
    if gap is None:
        return None
    row = row._replace(urefs=_elided_urefs(row, line[at : gap.start()]), elided=True)
    sends = row.type in {TYPES["send"], TYPES["send-once"]}
    return (_read_target(row, line, gap.end()) if sends else None) or row


def _elided_urefs(row: Row, before_the_gap: bytes) -> int | None:
    if row.type in _UREFS_WITHOUT_COUNT:
        return _UREFS_WITHOUT_COUNT[row.type]
    count = layout.ELIDED_COUNT.match(before_the_gap)
    return int(count[1]) if count and row.type != TYPES["recv,send"] else None


_READERS: dict[str, Callable[[Row, bytes, int], Row | None]] = {
    "recv,send": _read_receive,
    "recv": _read_receive,
    "send": _read_send,
    "send-once": _read_send,
    "dead-name": _read_dead_name,
    "port-set": _read_port_set,
}
