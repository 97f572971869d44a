"""Rows of lsmp's JSON as it usually writes them: one pattern each, in lsmp's own order of keys.

It takes a fraction of what the careful reader takes, and reads a part of what that reads, to the same
rows: whatever does not fit to the letter, or could be something else, is left to it. A name or description
in a usual row has no quotes and no backslashes, and what follows it is what lsmp writes next.
"""

import re
from functools import cache, lru_cache

from portaudit.collect.lsmp import json_layout
from portaudit.collect.lsmp.json_layout import read_object
from portaudit.collect.lsmp.json_row import flags_of, row_of
from portaudit.collect.lsmp.layout import DESCRIPTION_MAX, text_of
from portaudit.collect.lsmp.row import (
    SHAPES_MAX,
    TYPES,
    Key,
    Row,
    Shape,
    is_unlabelled,
    kobject_of,
    object_of,
)
from portaudit.model.kobject import MESSAGE_QUEUE, TASK_CONTROL
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, UREFS_MAX
from portaudit.model.snapshot import Peer, Receive

_PLACE = rb'"name":"0x([0-9a-f]{8})","ipc-object":"0x([0-9a-f]{8})",'
_FLAG = rb'"(?:tempowner|guarded|strict guard|imp donation|revive|taskptr|\(null\))"'
_NOTIFICATION = rb'"(?:dead name|no sender|port destroy request)"'
_NOTIFICATIONS = rb'"notifications":\[((?:' + _NOTIFICATION + rb"(?:,(?=\")|(?=\]))){0,3})\],"
_COUNT = rb"(\d{1,9})"
_HOLDER = rb'"pid":(-?\d{1,9}),"process":"([^"\\]{0,100})"(?=' + json_layout.AFTER_ROW + rb")"

_RECEIVE = re.compile(
    rb'\{"type":"port",' + _PLACE + rb'"rights":\["recv"(,"send")?\],'
    rb'"port_status_flags":\[((?:'
    + _FLAG
    + rb'(?:,(?=")|(?=\]))){0,7})\],"boosts":-?\d{1,9},'
    + _NOTIFICATIONS
    + rb'"recv_rights":1,"send_rights":'
    + _COUNT
    + rb',"send_once_rights":'
    + _COUNT
    + rb',"oref":(true|false),"queue_limit":'
    + _COUNT
    + rb',"msg_count":'
    + _COUNT
    + rb',"context":"0x[0-9a-f]{16}"\}'
)
_SEND = re.compile(
    rb"\{"
    + _PLACE
    + rb'"rights":\["send( once)?"\],'
    + _NOTIFICATIONS
    + rb'"send_rights":'
    + _COUNT
    + rb',(?:"identifier":"0x([0-9a-f]{8})","type":"([A-Z][A-Z0-9_-]{0,40})"'
    rb'(?:,"description":"([^"\\]{0,512})")?(?:(?=\})|,' + _HOLDER + rb")"
    rb'|(?:"queue_limit":\d{1,9},"msg_count":\d{1,9},"context":"0x[0-9a-f]{16}",)?'
    rb'"identifier":"0x([0-9a-f]{8})",' + _HOLDER + rb")\}"
)
_BEGIN = (
    rb'\{(?:"type":"([a-z ]{1,20})",)?"name":"0x(?P<name>[0-9a-f]{8})",'
    rb'"ipc-object":"0x(?P<object>[0-9a-f]{8})"'
)
_TO_HOLDER = (
    rb',"rights":\["send(?: once)?"\],"notifications":\[[^]{}]*+\],"send_rights":\d++,'
    rb'(?:"queue_limit":\d++,"msg_count":\d++,"context":"0x[0-9a-f]{16}",)?+"identifier":"0x'
)
RUN = re.compile(
    _BEGIN
    + rb"("
    + _TO_HOLDER
    + rb'(?!0{8})(?=[0-9a-f]{8}")|[^{}]*+)(?P<holder>[0-9a-f]{8}|)([^{}]*+)\},|(?s:.+)'
)
"""Rows, whatever they say, with what lsmp writes first in its place."""
_CONTEXT = re.compile(rb'("context":"0x)[0-9a-f]{16}(?="(?:\Z|,"identifier":"0x\Z))')
"""A context in its place: of what is read, nothing depends on it."""
_ANY_NAME = b"00000001"
_ANY_PLACES = b'"name":"0x%s","ipc-object":"0x%s"' % (_ANY_NAME, _ANY_NAME)
_NEXT = b",{" + _ANY_PLACES

_DEAD_NAME = re.compile(rb'\{"type":"dead name",' + _PLACE + rb'"send_rights":' + _COUNT + rb"\}")


def usual_row(data: bytes, at: int, pid: int | None) -> tuple[Row, int] | None:
    """Read the row that begins at this offset, and the offset behind it; None if it is not a usual one."""
    if found := _SEND.match(data, at):
        row = _sent(found, pid) if int(found[5]) <= UREFS_MAX else None
    elif found := _RECEIVE.match(data, at):
        row = _received(found)
    elif found := _DEAD_NAME.match(data, at):
        row_type = TYPES["dead-name"]
        row = Row(int(found[1], 16), row_type, object_of(int(found[2], 16), row_type), int(found[3]))
    else:
        return None
    return (row, found.end()) if row is not None and (row.urefs or 0) <= UREFS_MAX else None


def shape_of(key: Key, pid: int | None) -> Shape | None:
    """Read what is left of a row that RUN matched and another follows; None if it is not a sound one."""
    kind, left, right = key
    if b'"process":"' not in left and b'"description":"' not in left:
        left = _CONTEXT.sub(rb"\g<1>0000000000000000", left)
    begin = b'{"type":"%s",' % kind if kind else b"{"
    return _shape_of(begin + _ANY_PLACES + left + (right and _ANY_NAME + right) + b"}", pid)


@lru_cache(SHAPES_MAX)
def _shape_of(row: bytes, pid: int | None) -> Shape | None:
    read = usual_row(row + _NEXT, 0, pid) or _careful_row(row + _NEXT, pid)
    if read is None or read[1] != len(row):
        return None
    return Shape.of(read[0], len(row) + len(b","), DESCRIPTION_MAX)


def _careful_row(data: bytes, pid: int | None) -> tuple[Row, int] | None:
    read = read_object(data, 0)
    row = row_of(read[0], pid) if read else None
    return None if read is None or row is None or row.members else (row, read[1])


def _received(found: re.Match[bytes]) -> Row:
    name, number, sends, flags, notifications, urefs, once, senders, limit, queued = found.groups()
    row_type = TYPES["recv,send" if sends else "recv"]
    receive = Receive(
        queued=int(queued),
        queue_limit=int(limit),
        send_once=int(once),
        has_senders=senders == b"true",
        no_senders_request=b'"no sender"' in notifications,
        flags=_flags(flags),
    )
    return Row(
        int(name, 16),
        row_type | _request(notifications),
        object_of(int(number, 16), row_type),
        int(urefs) if sends else 0,
        receive=receive,
    )


def _sent(found: re.Match[bytes], pid: int | None) -> Row:
    name, number, once, notifications, urefs, address, label, description, own, _, at_peer, peer, process = (
        found.groups()
    )
    row_type = TYPES["send-once" if once else "send"]
    row = Row(
        int(name, 16),
        row_type | _request(notifications),
        object_of(int(number, 16), row_type),
        1 if once else int(urefs),
    )
    if label is None:
        holder = Peer(int(peer), text_of(process), int(at_peer, 16)) if not peer.startswith(b"-") else None
        return row._replace(kobject=None if once else MESSAGE_QUEUE, peer=holder)
    kobject = kobject_of(label.decode())
    return row._replace(
        kobject=kobject,
        description=None if description is None else text_of(description),
        unlabelled=description is None and is_unlabelled(label.decode(), int(address, 16)),
        own=kobject == TASK_CONTROL and own is not None and int(own) == pid,
    )


@cache  # there are 2 to the 7th combinations, if each is once there
def _flags(words: bytes) -> int:
    return flags_of(tuple(text_of(words)[1:-1].split('","')))


def _request(notifications: bytes) -> int:
    return DEAD_NAME_REQUEST_BIT if b'"dead name"' in notifications else 0
