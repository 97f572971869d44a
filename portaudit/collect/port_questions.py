"""The questions about one port of a task, asked into the same C variables each time.

Making the variables anew for each of a hundred thousand ports takes longer than the answers do.
"""

import ctypes
from array import array

from portaudit.errors import KernelNonsense
from portaudit.mach import c_types as c
from portaudit.mach.constants import PortFlavor
from portaudit.mach.library import KernError, Mach
from portaudit.model.kobject import as_read
from portaudit.model.snapshot import ReceiveColumns

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
