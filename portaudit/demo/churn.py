"""Unrelated ports that come and go: what every real program has beside the rights that are audited."""

import ctypes
import random

from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import Mach

CHURN = "--churn"
"""The argument that a demo process gets where unrelated ports shall come and go."""

COMING, GOING, STAYING = 0.4, 0.5, 0.05
"""Chances: that a port comes at a stir, that one goes, and that one that comes stays for good."""

STAYERS = 2
"""So many ports stay for good: without a limit they are a leak, and on a slow machine one in every round."""


class Churn:
    """The unrelated ports of one process."""

    def __init__(self, mach: Mach, *, going_on: bool = True) -> None:
        self._mach = mach
        self._going_on = going_on
        self._chance = random.Random()  # noqa: S311  played chance
        self._ports: list[int] = []
        self._stayers = 0

    def stir(self) -> None:
        """Let some go, and perhaps one come."""
        if not self._going_on:
            return
        for port in list(self._ports):
            if self._chance.random() < GOING:
                self._ports.remove(port)
                self._mach.mach_port_destroy(self._mach.task_self, port)
        if self._chance.random() < COMING:
            self._come()

    def _come(self) -> None:
        mach, name = self._mach, c.mach_port_name_t()
        mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
        if self._chance.random() < 1 / 2:
            mach.mach_port_insert_right(mach.task_self, name.value, name.value, MsgType.MAKE_SEND)
        if self._stayers < STAYERS and self._chance.random() < STAYING:
            self._stayers += 1
        else:
            self._ports.append(name.value)
