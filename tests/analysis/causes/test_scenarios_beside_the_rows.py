"""Rules about what no row shows, played: guard exceptions, a task that has ended, readings that differ."""

from dataclasses import replace

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import NO_TERMS, judge
from portaudit.collect.taking import agree
from portaudit.demo.player import send
from portaudit.mach.constants import MsgType
from portaudit.mach.library import KernError
from portaudit.mach.messages import Message, PortDescriptor
from portaudit.model.declared import Terms
from portaudit.model.guard import GuardEvent
from portaudit.simulator.c_api import ProcessKilledError
from tests.analysis.causes.pair import HOST, Pair
from tests.contract.post import post
from tests.kernels import new_port, out

ELSEWHERE = {"O5", "O7", "R1", "R2"}
"""The rules that are played in this file."""


def guards(pair):
    """Give the guard exceptions that the kernel raised, as a crash report tells them."""
    return Terms(
        guards=tuple(
            GuardEvent(guard=1, flavour=int(event.flavor), target=event.target, pid=event.pid)
            for event in pair.kernel.kernel.guard_events
        )
    )


def told(before, after, terms=NO_TERMS):
    """Give rule and names of what is found, or undecided."""
    report = judge(compare((before, after)), (), terms)
    found = (*report.findings, *report.undecided)
    return [(one.rule, [row.name for row in one.rows]) for one in found]


def test_a_double_free_that_no_table_shows_is_told_by_its_guard_exception():
    """O5: the second release hits a name that is gone; both tables are equal, and the kernel noticed."""
    pair = Pair()
    before = pair.read()
    name = pair.give()
    pair.extension.mach_port_deallocate(pair.extension.task_self, name)
    with pytest.raises(KernError):
        pair.extension.mach_port_deallocate(pair.extension.task_self, name)

    assert told(before, pair.read(), guards(pair)) == [("O5", [name])]


def test_a_read_port_that_is_sent_is_told_by_its_guard_exception():
    """O7: a task's read port stays where it is; whoever sends it is killed, and the kernel says why."""
    pair = Pair()
    name = out(pair.host, "task_read_for_pid", pair.host.task_self, HOST)
    box = new_port(pair.extension, send=True)
    address = post(pair.extension, pair.host, box, MsgType.COPY_SEND)
    before = pair.read()
    letter = Message(address, MsgType.COPY_SEND, descriptors=(PortDescriptor(name, MsgType.COPY_SEND),))
    with pytest.raises(ProcessKilledError):
        send(pair.host, letter)
    pair.host = None

    assert told(before, pair.read(), guards(pair)) == [("O7", [name]), ("R1", [])]


def test_a_host_that_has_ended_cannot_be_compared():
    """R1: what it held is not known any more, and not called balanced."""
    pair = Pair()
    before = pair.read()
    pair.kernel.end(HOST)
    pair.host = None

    assert told(before, pair.read()) == [("R1", [])]


def test_readings_that_differ_are_not_settled():
    """R2: a port comes between two readings of one snapshot, and goes again."""
    pair = Pair()
    before, first = pair.read(), pair.read()
    port = new_port(pair.extension)
    second = pair.read()
    settled = all(map(agree, first.tasks, second.tasks))
    pair.extension.mach_port_destroy(pair.extension.task_self, port)

    assert told(before, replace(pair.read(), settled=settled)) == [("R2", [])]
