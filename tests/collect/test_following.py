"""A process that is read again and again: what is kept of the last reading, and what is asked anew."""

import os
from dataclasses import replace

from portaudit.collect.following import Follower
from portaudit.collect.process import identify
from portaudit.collect.space_info import NOTHING, read_rows
from portaudit.mach.constants import MsgType
from tests.kernels import SimulatedKernel, new_port, own_task


def row(entries, name):
    return entries.named(name)


def test_a_quiet_process_keeps_the_kinds_of_its_ports():
    """Where names, rights and objects are the same, nothing but the references is made anew."""
    mach = own_task(SimulatedKernel())
    port = new_port(mach, send=True)
    follower = Follower(mach, identify(os.getpid()))
    first = follower.read().entries or NOTHING
    mach.mach_port_insert_right(mach.task_self, port, port, MsgType.MAKE_SEND)
    second = follower.read().entries or NOTHING

    assert second.kobject is first.kobject
    assert row(second, port).urefs == row(first, port).urefs + 1


def test_a_port_of_which_nothing_was_told_is_asked_about_again():
    """A kind that the last reading could not learn is no kind that stays unknown."""
    mach = own_task(SimulatedKernel())
    new_port(mach, send=True)
    first = read_rows(mach, mach.task_self)

    again = read_rows(mach, mach.task_self, replace(first, kobject=[None] * len(first)))

    assert again == first
    assert None not in first.kobject


def test_a_port_that_comes_is_asked_about():
    """A new name is no part of what is kept."""
    mach = own_task(SimulatedKernel())
    first = read_rows(mach, mach.task_self)
    port = new_port(mach, send=True)

    assert row(read_rows(mach, mach.task_self, first), port).kobject == 0
