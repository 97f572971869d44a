"""Following one process: how many names it has, cheaply, and its rows without asking anything twice."""

import ctypes
import os

from portaudit.collect.other_programs import read_by_lldb, read_by_lsmp, unread_by_both
from portaudit.collect.process import is_same
from portaudit.collect.space_info import NOTHING, read_rows, read_space
from portaudit.collect.taking import uninterrupted
from portaudit.collect.ways import DOORS, SELF_DOORS, Refusal, advise, read_task
from portaudit.mach import c_types as c
from portaudit.mach.library import KernError, Mach, task_port
from portaudit.model.snapshot import Entries, NotRead, Process, Task
from portaudit.model.way import AUTO, LLDB, LSMP, READ_BY_PROGRAM, XNU


class Follower:
    """One process that is read again and again; takes no right that it does not give back at once."""

    def __init__(self, mach: Mach | None, process: Process, way: str = AUTO, *, sudo: bool = False) -> None:
        """Follow it through this kernel; None where another program reads, by lsmp or lldb."""
        self.process = process
        self._kernel = mach
        self._own = process.pid == os.getpid()
        self._doors = () if way in READ_BY_PROGRAM else (SELF_DOORS if self._own else DOORS)[way]
        self._lsmp = way == LSMP or (way == AUTO and self._mach.kind == XNU)
        self._sudo = sudo
        self._before = NOTHING
        self._countable = way not in READ_BY_PROGRAM
        self._lldb = way == LLDB

    @property
    def _mach(self) -> Mach:
        if self._kernel is None:
            raise AssertionError("a process that another program reads is not asked through a kernel")
        return self._kernel

    @property
    def lives(self) -> bool:
        """Whether this very process still runs."""
        return is_same(self.process)

    def count(self) -> int | None:
        """Count the names: one cheap call that an inspect port is enough for.

        References do not show in it. None where the kernel does not tell: it is asked once only.
        """
        if not self._countable:
            return None
        try:
            with uninterrupted():
                return self._count()
        except KernError:
            self._countable = not self.lives
            return None

    def _count(self) -> int:
        info = c.ipc_info_space_basic_t()
        if self._own:
            self._mach.mach_port_space_basic_info(self._mach.task_self, ctypes.byref(info))
        else:
            with task_port(self._mach, "task_inspect_for_pid", self.process.pid or 0) as port:
                self._mach.mach_port_space_basic_info(port, ctypes.byref(info))
        return int(info.iisb_table_inuse)

    def read(self) -> Task:
        """Read all rows by the first way that works, and by that one from then on.

        Without the state of receive rights, unless lsmp reads. What no way reads says why.
        """
        if self._lldb:
            return read_by_lldb(self.process, None)
        refused = None
        if self._doors:
            reading = self._through_doors()
            if reading.not_read is None:
                self._lsmp = False
                return reading
            refused = reading
        return self._by_lsmp(refused) if self._lsmp or refused is None else refused

    def _through_doors(self) -> Task:
        with uninterrupted():
            outcome = read_task(self._mach, self.process.pid or 0, self._doors, {read_space: self._rows})
        if isinstance(outcome, Refusal):
            return Task(self.process, not_read=NotRead(advise(outcome, self._mach.kind)))
        door = outcome.door
        self._doors = (door,)
        return Task(self.process, way=door.way, flavour=door.flavour, entries=outcome.entries)

    def _by_lsmp(self, refused: Task | None) -> Task:
        reading = read_by_lsmp(self.process, None, sudo=self._sudo)
        if reading.not_read is None:
            self._doors = ()
        return reading if refused is None else unread_by_both(refused, reading)

    def _rows(self, mach: Mach, port: int) -> Entries:
        self._before = read_rows(mach, port, self._before)
        return self._before
