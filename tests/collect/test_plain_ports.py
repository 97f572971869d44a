"""A plain port is a message queue on every macOS, though the kernels call it by different numbers."""

import ctypes
import os

import pytest

from portaudit.collect.following import Follower
from portaudit.collect.lsmp import read_lsmp
from portaudit.collect.names import read_names
from portaudit.collect.probe_record import read_probe
from portaudit.collect.process import identify
from portaudit.collect.space_info import read_space
from portaudit.mach import c_types as c
from portaudit.model.kobject import UNKNOWN_KOBJECT
from portaudit.model.rights import Right
from tests.collect.lsmp.prints import bytes_of
from tests.kernels import SimulatedKernel, new_port, own_task, refused

RELEASES = [13, 15, 26]
PLAIN_PORT = 0xFFFFFFFF
"""IPC_OTYPE_UNKNOWN: mach_debug/ipc_info.h of SDK 27."""
HOST = 999_999_001


@pytest.fixture(params=RELEASES)
def kernel(request):
    """A simulated kernel that answers as one of these systems."""
    return SimulatedKernel(macos=request.param)


def kinds(entries, name):
    entry = entries.named(name)
    return entry.kobject, entry.kobject_label, entry.rights


@pytest.mark.parametrize("read", [read_space, read_names])
def test_both_ways_read_a_plain_port_as_a_queue(kernel, read):
    """Whatever number the kernel says: nothing is behind the port but its queue."""
    mach = kernel.task(HOST)
    port = new_port(mach, send=True)

    entries = read(mach, mach.task_self)

    assert kinds(entries, port) == (0, None, (Right.RECEIVE, Right.SEND))
    assert entries.named(mach.task_self).kobject_label == "TASK-CONTROL"


def test_a_process_that_is_followed_is_read_alike(kernel):
    """The readings of watch know the same queues, also those that they remember."""
    auditor = own_task(kernel)
    port = new_port(auditor, send=True)
    follower = Follower(auditor, identify(os.getpid()))

    readings = [follower.read().entries, follower.read().entries]

    assert [kinds(entries, port)[:2] for entries in readings] == [(0, None)] * 2


def test_the_simulator_answers_as_either_system(kernel):
    """A plain port is unknown to macOS 26, and none to older ones; a kernel object has one number on all."""
    mach = kernel.task(HOST)
    answers = []
    for name in (new_port(mach), mach.task_self):
        kind, address = c.natural_t(), c.natural_t()
        mach.mach_port_kernel_object(mach.task_self, name, ctypes.byref(kind), ctypes.byref(address))
        answers.append(kind.value)

    assert answers == [PLAIN_PORT if kernel.kernel.ipc.macos == 26 else 0, 2]


def record(kobject):
    text = (
        f'{{"portaudit_probe": 1, "columns": ["name", "type", "urefs", "object", "kobject_type"], '
        f'"rows": [[259, 65536, 2, 7, {kobject}]]}}'
    )
    return read_probe(text.encode(), "record").tasks[0].entries


@pytest.mark.parametrize(("written", "read"), [(0, 0), (PLAIN_PORT, 0), (2, 2), (54, 54), ("null", None)])
def test_a_probe_record_of_either_system_says_the_same(written, read):
    """A record that holds what the kernel said, raw, is understood as if portaudit had asked."""
    assert record(written).kobject == [read]


def test_the_youngest_type_has_its_name():
    """54 is the port with which a suspended thread is resumed."""
    assert record(54).named(259).kobject_label == "THREAD_RESUME"


def as_on_26(print_of_15: bytes) -> bytes:
    """Let lsmp show what it would where the kernel calls plain ports unknown: it tests `kotype != 0`."""
    lines = print_of_15.split(b"\n")
    return b"\n".join(map(_as_on_26, lines))


def _as_on_26(line: bytes) -> bytes:
    is_queue = line[24:33] == b"send     " and (b"  ->  " in line or b"Unknown Process" in line)
    return line[:69].ljust(116) + b"0x00000000  UNKNOWN" if is_queue else line


TEXT = as_on_26(bytes_of("xfer_leak_release", "txt"))


def test_lsmp_calls_every_queue_unknown_there():
    """The played print has such rows, so that the next test has something to read."""
    assert TEXT.count(b"UNKNOWN") >= 2


def test_a_right_that_lsmp_has_no_word_for_leads_to_a_queue():
    """Each row that lsmp shows as a queue on macOS 15 is one on macOS 26 too, and has its holder."""
    before, after = (
        {
            (task.process.pid, entry.name): (entry.kobject, entry.peer and entry.peer.pid)
            for task in read_lsmp(text).tasks
            for entry in task.entries or ()
            if entry.rights == (Right.SEND,)
        }
        for text in (bytes_of("xfer_leak_release", "txt"), TEXT)
    )
    read = {task.process.pid for task in read_lsmp(TEXT).tasks}
    known = {place: told for place, told in before.items() if told[1] in read}

    assert {place: after[place] for place in known} == known
    assert {place: kobject for place, (kobject, _) in before.items()} == {
        place: kobject for place, (kobject, _) in after.items()
    }


ROW = '"notifications":[],"send_rights":1,"identifier":"0x{:08x}","type":"UNKNOWN"{}'
JSON = (
    '{{"version":"1.0","processes":[{{"pid":7,"name":"a","ports":['
    '{{"name":"0x00000103","ipc-object":"0x00000007","rights":["send"],{}}}'
    '],"total":1,"send_rights":1,"receive_rights":0,"send_once_rights":0,"port_sets":0,"dead_names":0,'
    '"dead_name requests":0,"vouchers":0,"exception_ports":[]}}]}}'
)


@pytest.mark.parametrize(
    ("address", "more", "kobject"),
    [
        (0, "", 0),
        (0xBDD473B2, "", UNKNOWN_KOBJECT),
        (0, ',"description":"thread 0x2074"', UNKNOWN_KOBJECT),
    ],
)
def test_what_has_an_address_or_a_description_is_no_queue(address, more, kobject):
    """A kernel object that is younger than lsmp is told from a queue by what the kernel says of it."""
    text = JSON.format(ROW.format(address, more))

    (task,) = read_lsmp(text.encode()).tasks
    assert [entry.kobject for entry in task.entries or ()] == [kobject]


@pytest.mark.parametrize("form", ["txt", "json"])
def test_unknown_stays_unknown_where_lsmp_tells_queues(form):
    """On an older system, where receivers are shown, UNKNOWN is an object without a name."""
    (task,) = read_lsmp(bytes_of("old_kobjects", form).replace(b"0xbdd473b2", b"0x00000000")).tasks

    assert [entry.name for entry in task.entries or () if entry.kobject_label == "UNKNOWN"] == [0x3103]


def test_the_last_reference_to_ones_own_task_is_pinned_from_26_on(kernel):
    """There it is refused with KERN_INVALID_CAPABILITY, and the name stays; before, it goes for good."""
    mach = kernel.task(HOST)
    guards = kernel.kernel.guard_events

    if kernel.kernel.ipc.macos == 26:
        assert refused(mach, "mach_port_deallocate", mach.task_self, mach.task_self) == 20
        assert [(event.flavor.name, event.fatal) for event in guards] == [("MOD_REFS_NON_FATAL", False)]
    else:
        mach.mach_port_deallocate(mach.task_self, mach.task_self)
        assert guards == []
