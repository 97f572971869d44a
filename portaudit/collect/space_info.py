"""The way `space-info`: the whole space in one mach_port_space_info call, and what it leaves open.

A read port serves (XNU osfmk/mach/mach_port.defs:440-451). Every row costs nothing more; each receive right
costs one mach_port_get_attributes, and each distinct object that may be a kernel object one
mach_port_kobject_description. What one port is asked is asked into the same C variables each time: making
them anew for each of a hundred thousand ports takes longer than the answers do.
"""

import ctypes
from array import array
from collections.abc import Iterator
from dataclasses import replace
from itertools import compress

from portaudit.errors import KernelNonsense
from portaudit.mach import c_types as c
from portaudit.mach.constants import PortFlavor, PortType
from portaudit.mach.library import KernError, Mach, out_of_line
from portaudit.model.kobject import MESSAGE_QUEUE, as_read
from portaudit.model.snapshot import Entries, ReceiveColumns

Told = tuple[int | None, str | None]
"""The kobject type's number and the description of a port."""
UNKNOWN: Told = (None, None)

EXT_WORDS = ctypes.sizeof(c.mach_port_info_ext_t) // 4
SET, MAKE_SEND, LIMIT, QUEUED, SEND_ONCE = 0, 2, 3, 4, 5  # words of mach_port_status_t: mach/port.h
SENDERS, PORT_DESTROYED, NO_SENDERS, FLAGS = 6, 7, 8, 9


class PortQuestions:
    """Asks a kernel about the ports of one task; `task` names a read or control port of it."""

    def __init__(self, mach: Mach, task: int) -> None:
        self._mach = mach
        self._task = task
        self._kind, self._address = c.natural_t(), c.vm_address_t()
        self._text = c.kobject_description_t()
        self._behind = ctypes.byref(self._kind), ctypes.byref(self._address), self._text
        self._status = (c.integer_t * EXT_WORDS)()
        self._count = c.mach_msg_type_number_t(EXT_WORDS)
        self._place = self._status, ctypes.byref(self._count)

    def kobject(self, name: int) -> Told:
        """Ask what the kernel keeps behind a name: the type's number (0: a queue, on each macOS), and a text.

        Both are None if the name went away meanwhile.
        """
        try:
            self._mach.mach_port_kobject_description(self._task, name, *self._behind)
        except KernError:
            return UNKNOWN
        text = self._text.value
        if not text:
            return as_read(self._kind.value), None
        self._text.value = b""
        return as_read(self._kind.value), text.decode("utf-8", "replace")

    def receive(self, rows: list[int], names: list[int]) -> ReceiveColumns:
        """Ask for the state of the receive rights in these rows; all unknown where one went away."""
        words, gone = array("I"), []
        for place, row in enumerate(rows):
            if not self._ask_status(names[row]):
                gone.append(place)
            words.frombytes(bytes(self._status))
        return _columns(rows, words, gone)

    def _ask_status(self, name: int) -> bool:
        try:
            self._mach.mach_port_get_attributes(self._task, name, PortFlavor.INFO_EXT, *self._place)
        except KernError:
            self._count.value = EXT_WORDS
            return False
        if self._count.value != EXT_WORDS:
            given = self._count.value
            raise KernelNonsense(f"mach_port_get_attributes gave {given} words where {EXT_WORDS} were due")
        return True


def _columns(rows: list[int], words: "array[int]", gone: list[int]) -> ReceiveColumns:
    def numbers(word: int) -> list[int | None]:
        column: list[int | None] = list(words[word::EXT_WORDS])
        for place in gone:
            column[place] = None
        return column

    def flags(word: int) -> list[bool | None]:
        return [None if number is None else number != 0 for number in numbers(word)]

    return ReceiveColumns(
        row=rows,
        queued=numbers(QUEUED),
        queue_limit=numbers(LIMIT),
        make_send=numbers(MAKE_SEND),
        send_once=numbers(SEND_ONCE),
        has_senders=flags(SENDERS),
        no_senders_request=flags(NO_SENDERS),
        port_destroyed_request=flags(PORT_DESTROYED),
        in_set=flags(SET),
        flags=numbers(FLAGS),
    )


ROW_WORDS = ctypes.sizeof(c.ipc_info_name_t) // 4
NAME, TYPE, UREFS, OBJECT = 0, 2, 3, 4  # words of ipc_info_name_t: mach_debug/ipc_info.h
RIGHTS = int(PortType.ALL_RIGHTS)
ASKABLE, PORTS, RECEIVE = int(PortType.SEND_RECEIVE), int(PortType.PORT_RIGHTS), int(PortType.RECEIVE)
QUEUE: Told = (MESSAGE_QUEUE, None)
NOTHING = Entries()


def read_space(mach: Mach, task: int, before: Entries = NOTHING) -> Entries:
    """Read every entry of a task's space; `task` names a read or control port of it.

    `before` is an earlier reading of it: what stood behind a port then is not asked for again where name and
    object are the same. Free slots and the dummy row 0 carry no right and are left out (XNU
    osfmk/ipc/mach_debug.c:224-252). Raises KernError if the kernel refuses.
    """
    entries, questions = _table(mach, task), PortQuestions(mach, task)
    rows = [row for row, bits in enumerate(entries.type) if bits & RECEIVE]
    receive = questions.receive(rows, entries.name)
    told = _remembered(entries, before) | dict.fromkeys(_queues(receive), QUEUE)
    return replace(_with_kobjects(questions, entries, told), receive=receive)


def read_rows(mach: Mach, task: int, before: Entries = NOTHING) -> Entries:
    """Read every entry as read_space does, without the state of receive rights."""
    entries = _table(mach, task)
    if _is_told_by(entries, before):
        return replace(entries, kobject=before.kobject, description=before.description)
    return _with_kobjects(PortQuestions(mach, task), entries, _remembered(entries, before))


def _table(mach: Mach, task: int) -> Entries:
    space = c.ipc_info_space_t()
    with out_of_line(mach, c.ipc_info_name_t, c.ipc_info_tree_name_t) as (table, tree):
        mach.mach_port_space_info(
            task, ctypes.byref(space), table.pointer, table.count, tree.pointer, tree.count
        )
        words = array("I")
        words.frombytes(table.raw)
    kept = [bits & RIGHTS for bits in words[TYPE::ROW_WORDS]]
    names, types, urefs, objects = (
        compress(words[offset::ROW_WORDS], kept) for offset in (NAME, TYPE, UREFS, OBJECT)
    )
    return Entries(list(names), list(types), list(urefs), list(objects))


def _queues(receive: ReceiveColumns) -> Iterator[int]:
    """Give the rows of receive rights that nobody can send to: behind them is nothing but a queue.

    The one kernel object whose receive right a task holds is a timer, and to that the kernel keeps a send
    right (XNU osfmk/kern/mk_timer.c: mk_timer_create_trap).
    """
    return (row for row, senders in zip(receive.row, receive.has_senders, strict=True) if senders is False)


def _is_told_by(entries: Entries, before: Entries) -> bool:
    """Whether an earlier reading of the same rights says what stands behind each: in a quiet process."""
    if (entries.name, entries.object, entries.type) != (before.name, before.object, before.type):
        return False
    askable = [bits & ASKABLE for bits in entries.type]
    return None not in compress(before.kobject, askable) and 0 not in compress(before.object, askable)


def _remembered(entries: Entries, before: Entries) -> dict[int, Told]:
    """Map rows to what an earlier reading said of the same object under the same name; object 0 says none."""
    if not before:
        return {}
    keys = zip(before.name, before.object, strict=True)
    rows = {key: row for row, key in enumerate(keys) if key[1] and before.kobject[row] is not None}
    pairs = enumerate(map(rows.get, zip(entries.name, entries.object, strict=True)))
    return {
        row: (before.kobject[earlier], before.description.get(earlier))
        for row, earlier in pairs
        if earlier is not None
    }


def _with_kobjects(questions: PortQuestions, entries: Entries, told: dict[int, Told]) -> Entries:
    """Add what stands behind each port: what is told of its row, or else one answer for each object.

    A send-once right cannot be asked about: what another right to its object has told holds for it too.
    """
    seen = {entries.object[row]: one for row, one in told.items()}
    for row, (name, bits, number) in enumerate(zip(entries.name, entries.type, entries.object, strict=True)):
        if bits & ASKABLE and row not in told:
            told[row] = (seen.get(number) if number else None) or questions.kobject(name)
            seen[number] = told[row]
    once = [row for row, bits in enumerate(entries.type) if bits & PORTS and not bits & ASKABLE]
    told |= {row: seen.get(entries.object[row], UNKNOWN) for row in once}
    return replace(
        entries,
        kobject=[told.get(row, UNKNOWN)[0] for row in range(len(entries))],
        description={row: text for row, (_, text) in sorted(told.items()) if text},
    )
