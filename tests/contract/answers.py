"""The recorded calls: which C function each is, what it takes, and how its answer was written down."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol

from portaudit.mach.constants import MsgType, Notification, PortType
from portaudit.simulator.port_guard import OPTIONS
from portaudit.simulator.task import Task
from tests.contract.recording import Step

KINDS = {kind.name.lower(): kind for kind in Notification}
TYPES = tuple((int(bit), str(bit.name)) for bit in PortType if bit.bit_count() == 1)
STATUS = (
    "mps_pset",
    "seqno",
    "mscount",
    "qlimit",
    "msgcount",
    "sorights",
    "srights",
    "pdrequest",
    "nsrequest",
)
ROW = struct.Struct("<IiIIIII")
RECEIVE_STATUS, STATUS_COUNT = 2, 10
LIMITS_INFO = 1


@dataclass(frozen=True)
class Name:
    """A name in a task's space, to be held against what the recording calls it."""

    task: str
    number: int


class Names(NamedTuple):
    """Names of one space with what was said of each."""

    task: str
    entries: dict[int, Any]


class Asker(NamedTuple):
    """Who made a call, about whose space, with which inputs."""

    caller: str
    target: str
    inputs: tuple[Any, ...]


class Reader(Protocol):
    """Reads the arguments of a step."""

    def name(self, text: str, task: str) -> int:
        """Read a name in a task's space."""

    def number(self, text: str) -> int:
        """Read a number or a word that stands for one."""


Answer = Callable[[Asker, tuple[Any, ...]], dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """A call of the recordings.

    `takes` says what the arguments are: n a name in the target's space, c one in the caller's own, k a kind
    of notification, # a number or a word that stands for one.
    `adds` are inputs of the C function that the recording's driver did not show.
    """

    function: str
    takes: str
    answer: Answer
    adds: tuple[Any, ...] = ()

    def inputs(self, reader: Reader, step: Step, target: str) -> tuple[Any, ...]:
        """Read a step's arguments."""
        if self.function == "mach_port_construct":
            context = step.option("context") or (step.plain[1] if len(step.plain) > 1 else "0")
            return OPTIONS.pack(reader.number(step.plain[0]), 0), reader.number(context)
        if self.function == "mach_port_set_attributes":
            return reader.name(step.plain[0], target), LIMITS_INFO, [reader.number(step.plain[1])]
        given = zip(self.takes, step.plain[: len(self.takes)], strict=True)
        return tuple(_read(reader, kind, text, step.task, target) for kind, text in given) + self.adds


def _read(reader: Reader, kind: str, text: str, caller: str, target: str) -> int:
    if kind == "k":
        return int(KINDS[text]) if text in KINDS else reader.number(text)
    if kind == "#":
        return reader.number(text)
    return reader.name(text, target if kind == "n" else caller)


@cache
def types(bits: int) -> tuple[str, ...]:
    """Spell type bits as the recordings do."""
    return tuple(name for bit, name in TYPES if int(bits) & bit)


def disposition(number: int) -> str:
    """Spell a disposition as the recordings do: what moves is named after the right."""
    if not number:
        return "none"
    return MsgType(number).name.removeprefix("MOVE_") if number in list(MsgType) else str(number)


def named(task: str, number: int) -> dict[str, Any]:
    """Write a name down, by label and by number."""
    return {"name": Name(task, number), "name_hex": Name(task, number)}


def baseline(label: str, task: Task) -> list[dict[str, Any]]:
    """Write down what a task starts with."""
    return [
        {
            "name": Name(label, entry.name),
            "hex": Name(label, entry.name),
            "type": types(entry.type),
            "urefs": entry.urefs,
            "kotype": int(entry.named_port.kotype),
        }
        for entry in task.space.names()
    ]


def _nothing(_: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    assert outputs == ()
    return {}


def _values(*keys: str) -> Answer:
    return lambda _, outputs: dict(zip(keys, outputs, strict=True))


def _new(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return named(asker.target, outputs[0])


def _chosen(asker: Asker, _: tuple[Any, ...]) -> dict[str, Any]:
    return named(asker.target, asker.inputs[2])


def _names(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    entries = {name: types(bits) for name, bits in zip(*outputs, strict=True)}
    return {"count": len(entries), "names": Names(asker.target, entries)}


def _type(_: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return {"type": types(outputs[0])}


def _space_info(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    mask, size, *unused = struct.unpack("<6I", outputs[0])
    rows = list(ROW.iter_unpack(outputs[1]))
    return {
        "genno_mask": hex(mask),
        "table_size": size,
        "table_next": unused[0],
        "tree_size": unused[1],
        "table_info": [_row(asker.target, *row) for row in rows if row[2] & PortType.ALL_RIGHTS],
        "table_infoCnt": len(rows),
        "treeCnt": len(outputs[2]),
    }


def _row(task: str, *fields: int) -> dict[str, Any]:
    name, collision, bits, urefs, target, _next, _hash = fields
    return {
        "name": Name(task, name),
        "hex": Name(task, name),
        "type": types(bits),
        "urefs": urefs,
        # A dead name's object is 0 (osfmk/vm/vm_kern.c:4600); the recorder's own hash makes 0x5a5a of it
        "object_nonzero": target != 0 or bool(bits & PortType.DEAD_NAME),
        "type_bits": bits,
        "collision": collision,
    }


def _basic_info(_: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    mask, size, following, in_use, *_reserved = struct.unpack("<6I", outputs[0])
    return {"genno_mask": hex(mask), "table_size": size, "table_next": following, "inuse": in_use}


def _status(_: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(STATUS, outputs[0], strict=False))


def _kobject(_: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return {"object_type": outputs[0], "addr_nonzero": outputs[1] != 0}


def _members(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return {"members": [Name(asker.target, number) for number in outputs[0]]}


def _extracted(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return {**named(asker.caller, outputs[0]), "disp": disposition(outputs[1])}


def _previous(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    previous = Name(asker.caller, outputs[0])
    return {"previous": previous, "previous_hex": previous}


def _special(asker: Asker, outputs: tuple[Any, ...]) -> dict[str, Any]:
    return named(asker.caller, outputs[0])


ASKED = {
    "alloc": Asked("mach_port_allocate", "#", _new),
    "allocname": Asked("mach_port_allocate_name", "#n", _chosen),
    "construct": Asked("mach_port_construct", "#", _new),
    "dealloc": Asked("mach_port_deallocate", "n", _nothing),
    "destroy": Asked("mach_port_destroy", "n", _nothing),
    "destruct": Asked("mach_port_destruct", "n##", _nothing),
    "type": Asked("mach_port_type", "n", _type),
    "refs": Asked("mach_port_get_refs", "n#", _values("refs")),
    "modrefs": Asked("mach_port_mod_refs", "n##", _nothing),
    "mscount": Asked("mach_port_set_mscount", "n#", _nothing),
    "qlimit": Asked("mach_port_set_attributes", "n#", _nothing),
    "status": Asked("mach_port_get_attributes", "n", _status, (RECEIVE_STATUS, STATUS_COUNT)),
    "kobject": Asked("mach_port_kobject", "n", _kobject),
    "dnrinfo": Asked("mach_port_dnrequest_info", "n", _values("total", "used")),
    "srights": Asked("mach_port_get_srights", "n", _values("srights")),
    "peek": Asked("mach_port_peek", "n", _values("seqno", "msg_size", "msg_id", "trailer"), (0, 0)),
    "insert": Asked("mach_port_insert_right", "nc#", _nothing),
    "extract": Asked("mach_port_extract_right", "n#", _extracted),
    "names": Asked("mach_port_names", "", _names),
    "space_info": Asked("mach_port_space_info", "", _space_info),
    "basic_info": Asked("mach_port_space_basic_info", "", _basic_info),
    "notify": Asked("mach_port_request_notification", "nk#c#", _previous),
    "insert_member": Asked("mach_port_insert_member", "nn", _nothing),
    "extract_member": Asked("mach_port_extract_member", "nn", _nothing),
    "move_member": Asked("mach_port_move_member", "nn", _nothing),
    "set_status": Asked("mach_port_get_set_status", "n", _members),
    "guard": Asked("mach_port_guard", "n##", _nothing),
    "unguard": Asked("mach_port_unguard", "n#", _nothing),
    "special": Asked("task_get_special_port", "#", _special),
}
