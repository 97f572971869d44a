"""The fields of an object in lsmp's JSON as a row (system_cmds-1026.100.5, lsmp/port_details.c:374-757)."""

from portaudit.collect.lsmp.json_layout import Fields, Value
from portaudit.collect.lsmp.row import TYPES, Row, count_of, is_unlabelled, kobject_of, object_of
from portaudit.model.kobject import MESSAGE_QUEUE, TASK_CONTROL
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, UREFS_MAX
from portaudit.model.snapshot import Peer, Receive

_FLAG_BITS = {
    "tempowner": 0x01,
    "guarded": 0x02,
    "strict guard": 0x04,
    "imp donation": 0x08,
    "revive": 0x10,
    "taskptr": 0x20,
    "(null)": 0x40,
}
"""MACH_PORT_STATUS_FLAG_*; lsmp has no name for 0x40 and never lists 0x01 (port_details.c:520-525)."""

_TYPES = {("recv", "send"): "recv,send", ("recv",): "recv", ("send",): "send", ("send once",): "send-once"}
_KINDS = {"port set": "port-set", "dead name": "dead-name"}


def row_of(fields: Fields, pid: int | None) -> Row | None:
    """Make a row of an object of the process with this pid; None if it is not one that lsmp writes."""
    right = _right_of(fields)
    name, identifier = _word(fields.get("name")), _word(fields.get("ipc-object"))
    urefs = _urefs_of(fields, right)
    if right is None or name is None or identifier is None or urefs is None:
        return None
    row_type = TYPES[right]
    row = Row(name, row_type, object_of(identifier, row_type), urefs)
    if "dead name" in _words(fields.get("notifications")):
        row = row._replace(type=row_type | DEAD_NAME_REQUEST_BIT)
    if right.startswith("recv"):
        return row._replace(receive=_receive_of(fields))
    if right == "port-set":
        return row._replace(members=len(_list(fields.get("members"))))
    return row if right == "dead-name" else _with_target(row, fields, pid)


def _right_of(fields: Fields) -> str | None:
    kind = fields.get("type")
    if isinstance(kind, str) and kind in _KINDS:
        return _KINDS[kind]
    return _TYPES.get(_words(fields.get("rights")))


def _urefs_of(fields: Fields, right: str | None) -> int | None:
    if right in {"recv", "port-set"}:
        return 0
    urefs = fields.get("send_rights")
    if not isinstance(urefs, int) or not 0 <= urefs <= UREFS_MAX:
        return None
    return 1 if right == "send-once" else urefs


def _with_target(row: Row, fields: Fields, pid: int | None) -> Row | None:
    """Add what stands behind a send or send-once right: a queue's holder, nobody known, or a kobject."""
    label, holder = fields.get("type"), fields.get("pid")
    if "notifications" not in fields or "identifier" not in fields:
        return None
    if not isinstance(label, str):
        kobject = MESSAGE_QUEUE if row.type & TYPES["send"] else None
        return row._replace(kobject=kobject, peer=_peer_of(fields))
    kobject = kobject_of(label)
    description = fields.get("description")
    return row._replace(
        kobject=kobject,
        description=description if isinstance(description, str) else None,
        unlabelled=description is None and is_unlabelled(label, _word(fields["identifier"]) or 0),
        own=kobject == TASK_CONTROL and holder is not None and holder == pid,
    )


def _peer_of(fields: Fields) -> Peer | None:
    pid, process = fields.get("pid"), fields.get("process")
    if not isinstance(pid, int) or pid < 0 or not isinstance(process, str):
        return None
    return Peer(pid, process, _word(fields.get("identifier")))


def _receive_of(fields: Fields) -> Receive:
    senders = fields.get("oref")
    return Receive(
        queued=_count(fields.get("msg_count")),
        queue_limit=_count(fields.get("queue_limit")),
        send_once=_count(fields.get("send_once_rights")),
        has_senders=senders if isinstance(senders, bool) else None,
        no_senders_request="no sender" in _words(fields.get("notifications")),
        # lsmp writes "port destroy request" for the no-senders request (port_details.c:537)
        port_destroyed_request=None,
        flags=flags_of(_words(fields.get("port_status_flags"))),
    )


def flags_of(words: tuple[str, ...]) -> int:
    """Add up the bits of MACH_PORT_STATUS_FLAG_* that these words name."""
    return sum(_FLAG_BITS.get(word, 0) for word in set(words))


def members_of(fields: Fields) -> list[Row]:
    """Make rows of the members that a port set lists; the attributes are zeros where that failed."""
    objects = [member for member in _list(fields.get("members")) if isinstance(member, dict)]
    rows = [row_of({**member, "name": member.get("identifier", "")}, None) for member in objects]
    return [row._replace(receive=Receive(in_set=True)) for row in rows if row is not None and row.receive]


def _count(value: Value | None) -> int | None:
    return count_of(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _list(value: Value | None) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _words(value: Value | None) -> tuple[str, ...]:
    return tuple(word for word in _list(value) if isinstance(word, str))


def _word(value: Value | None) -> int | None:
    """Read a 32-bit number as lsmp writes one: a string of 0x and eight digits."""
    if not isinstance(value, str) or not value.startswith("0x") or len(value) != len("0x00000000"):
        return None
    try:
        return int(value, 16)
    except ValueError:
        return None
