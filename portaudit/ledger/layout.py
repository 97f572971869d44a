"""The bytes of a ledger, version 1: what both recorders write. portaudit-ledger(5) tells it in words."""

import struct
from enum import IntEnum

MAGIC = b"PALEDGR1"
VERSION = 1
ORDER = 0x01020304
"""Stands behind the magic in the writer's byte order."""

HEADER = "8I6Q2I4Q"
"""Behind the magic: order, version, header_size, event_size, notes_size, recorder, architecture, task_self;
capacity, head, notes, pid, started_ns, started_ticks; tick_numer, tick_denom; ended_ns and three spare."""
HEADER_SIZE = 128
NOTE = "IHHQQQ20sB3x"
"""size, kind, function, sequence, base, length, id, id_length; its text follows."""
NOTE_SIZE = struct.calcsize(f"<{NOTE}")
EVENT = "IiQQIiIHBB"
"""state, code, ticks, thread, name, change, call, function, right, depth; then the stack, 8 bytes a frame."""
EVENT_SIZE = struct.calcsize(f"<{EVENT}")


class State(IntEnum):
    """How far an event has come."""

    EMPTY = 0
    BEGUN = 1
    """The kernel was asked, and has not answered: where a process was killed, what for."""
    DONE = 2
    """The references changed as the event says, whatever the code."""
    REFUSED = 3
    """Nothing changed; the code says why."""


class NoteKind(IntEnum):
    """What a note tells."""

    FUNCTION = 1
    IMAGE = 2
    UNLOADED = 3


RECORDERS = {1: "interposer", 2: "lldb"}
ARCHITECTURES = {1: "x86_64", 2: "arm64"}
