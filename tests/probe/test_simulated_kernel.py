"""The probe in a process of the simulated kernel: it sees what the other ways see, and leaves no trace."""

import json
import os

import pytest
from msgspec import structs

from portaudit.collect.names import read_names
from portaudit.collect.probe_record import read_probe
from portaudit.collect.space_info import read_space
from portaudit.mach.constants import MsgType, Notification, PortRight
from tests.kernels import SimulatedKernel, new_port, out, space_of

pytestmark = pytest.mark.whole


@pytest.fixture
def mach():
    """A process with a right of every sort."""
    kernel = SimulatedKernel()
    task = kernel.task(4242)
    self = task.task_self
    port = new_port(task, send=True)
    task.mach_port_insert_right(self, port, port, MsgType.MAKE_SEND)
    bare = new_port(task)
    dying = new_port(task, send=True)
    task.mach_port_mod_refs(self, dying, PortRight.RECEIVE, -1)
    portset = out(task, "mach_port_allocate", self, PortRight.PORT_SET)
    task.mach_port_move_member(self, bare, portset)
    out(
        task,
        "mach_port_request_notification",
        self,
        port,
        Notification.NO_SENDERS,
        1,
        bare,
        MsgType.MAKE_SEND_ONCE,
    )
    task.mach_host_self()
    yield task
    assert kernel.lent() == 0
    assert task.library.faults == []


def by_name(entries):
    """Entries, found by name; the probe writes them by object."""
    return {entry.name: entry for entry in entries}


def test_the_probe_reads_what_space_info_reads(probe, mach):
    """Entry by entry the record equals the way `space-info`: rights, references, kinds and queues."""
    probe.ask(mach.library)

    (task,) = read_probe(probe.record(b"host"), "host.json").tasks

    outside = by_name(read_space(mach, mach.task_self))
    assert by_name(task.entries) == {
        name: structs.replace(entry, object=entry.object or None) for name, entry in outside.items()
    }
    assert task.self_object == outside[mach.task_self].object


def test_the_probe_reads_what_names_reads(probe, mach):
    """Names and rights agree with the way `names`, which asks the kernel quite other questions."""
    probe.ask(mach.library)

    (task,) = read_probe(probe.record(), "host.json").tasks

    names = by_name(read_names(mach, mach.task_self))
    assert {name: entry.rights for name, entry in by_name(task.entries).items()} == {
        name: entry.rights for name, entry in names.items()
    }


def test_the_probe_changes_nothing(probe, mach):
    """Ten records later the space is what it was, to the last user reference."""
    probe.ask(mach.library)
    before = space_of(mach)

    records = [json.loads(probe.record())["rows"] for _ in range(10)]

    assert space_of(mach) == before
    assert records == [records[0]] * 10


def test_two_records_make_an_audit(probe, mach, portaudit, tmp_path):
    """A leak between two records is a finding of `portaudit diff`, by the probe's own files."""
    probe.ask(mach.library)
    probe.machine(b"boot", None, None, started=(1763865600, 0))
    before, after, clean = (tmp_path / name for name in ("before.json", "after.json", "clean.json"))
    before.write_bytes(probe.record(b"host"))
    clean.write_bytes(probe.record(b"host"))
    mach.mach_host_self()
    after.write_bytes(probe.record(b"host"))

    balanced = portaudit("diff", before, clean, "--format", "json")
    leaked = portaudit("diff", before, after, "--format", "json")

    assert (balanced.status, json.loads(balanced.out)["findings"]) == (0, [])
    (finding,) = json.loads(leaked.out)["findings"]
    (row,) = finding["rows"]
    assert (leaked.status, finding["verdict"], row["kobject"], row["change"]) == (1, "leaked", "HOST", 1)
    assert row["pid"] == os.getpid()
