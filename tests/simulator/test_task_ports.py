"""Task ports: four flavours, what each allows, and what becomes of them when the task ends."""

import struct

import pytest

from portaudit.mach.calls import Reply
from portaudit.mach.constants import (
    KernReturn,
    KobjectType,
    MsgType,
    PortFlavor,
    PortRight,
    PortType,
    TaskSpecialPort,
)
from portaudit.simulator.c_api import ProcessKilledError
from tests.simulator.conftest import Process

FLAVORS = ("task_for_pid", "task_read_for_pid", "task_inspect_for_pid", "task_name_for_pid")
CONTROL_ONLY = (KernReturn.KERN_SUCCESS, *[KernReturn.KERN_INVALID_TASK] * 3)
READ = (KernReturn.KERN_SUCCESS, KernReturn.KERN_SUCCESS, *[KernReturn.KERN_INVALID_ARGUMENT] * 2)

MATRIX = {
    ("mach_port_names",): CONTROL_ONLY,
    ("mach_port_type", 0x303): CONTROL_ONLY,
    ("mach_port_get_refs", 0x303, PortRight.SEND): CONTROL_ONLY,
    ("mach_port_get_srights", 0x303): CONTROL_ONLY,
    ("mach_port_dnrequest_info", 0x303): CONTROL_ONLY,
    ("mach_port_mod_refs", 0x303, PortRight.SEND, 0): CONTROL_ONLY,
    ("mach_port_extract_right", 0x303, MsgType.COPY_SEND): CONTROL_ONLY,
    ("mach_port_space_info",): READ,
    ("mach_port_kobject", 0x303): READ,
    ("mach_port_kobject_description", 0x303): READ,
    ("mach_port_kernel_object", 0x303): READ,
    ("mach_port_get_attributes", 0x303, PortFlavor.RECEIVE_STATUS, 10): READ,
    ("mach_port_get_context", 0x303): READ,
    ("mach_port_space_basic_info",): (*[KernReturn.KERN_SUCCESS] * 3, KernReturn.KERN_INVALID_TASK),
    ("task_threads",): (*[KernReturn.KERN_SUCCESS] * 3, KernReturn.KERN_INVALID_ARGUMENT),
    ("task_get_exc_guard_behavior",): (*[KernReturn.KERN_SUCCESS] * 3, KernReturn.KERN_INVALID_TASK),
    ("mach_ports_lookup",): (KernReturn.KERN_SUCCESS, *[KernReturn.KERN_INVALID_ARGUMENT] * 3),
    ("task_get_special_port", TaskSpecialPort.KERNEL): (
        KernReturn.KERN_SUCCESS,
        *[KernReturn.KERN_INVALID_CAPABILITY] * 2,
        KernReturn.KERN_INVALID_ARGUMENT,
    ),
    ("task_get_special_port", TaskSpecialPort.READ): (
        *[KernReturn.KERN_SUCCESS] * 2,
        KernReturn.KERN_INVALID_CAPABILITY,
        KernReturn.KERN_INVALID_ARGUMENT,
    ),
    ("task_get_special_port", TaskSpecialPort.NAME): (
        *[KernReturn.KERN_SUCCESS] * 3,
        KernReturn.KERN_INVALID_ARGUMENT,
    ),
}


@pytest.mark.parametrize("call", MATRIX, ids=lambda call: "-".join(map(str, call)))
def test_each_call_takes_the_flavours_that_xnu_takes(call, host, extension):
    """Control does everything, read looks, inspect counts, name does nothing of it (mach-facts 5.1)."""
    extension.receive_right(send=True)
    ports = [host.task_port(extension.pid, flavor) for flavor in FLAVORS]

    assert tuple(host.code(*call, on=port) for port in ports) == MATRIX[call]


def test_every_flavour_says_whose_task_it_is(host, extension):
    """pid_for_task takes any task port, and -1 comes with KERN_FAILURE for what is none."""
    for flavor in FLAVORS:
        port = host.task_port(extension.pid, flavor)
        assert host.calls.call("pid_for_task", (port,)) == Reply(0, (extension.pid,))
    assert host.calls.call("pid_for_task", (host.receive_right(),)) == Reply(KernReturn.KERN_FAILURE, (-1,))


def test_the_flavours_are_four_ports_with_four_kinds(host, extension):
    """Each flavour is a port of its own, and asking again adds a reference to the same name."""
    ports = [host.task_port(extension.pid, flavor) for flavor in FLAVORS]
    assert [host.task_port(extension.pid, flavor) for flavor in FLAVORS] == ports

    kinds = [host.ask("mach_port_kobject", port)[0] for port in ports]
    assert kinds == [2, 45, 44, 20]
    assert [host.refs(port) for port in ports] == [2, 2, 2, 2]


def test_read_ports_cannot_be_sent_on(host, extension):
    """A read port in a message is refused, and kills the sender whoever it is."""
    inbox = extension.receive_right()
    extension.give(host, inbox, 0x5503)
    read = host.task_port(extension.pid, "task_read_for_pid")
    with pytest.raises(ProcessKilledError, match="IMMOVABLE"):
        host.send(0x5503, (read, MsgType.COPY_SEND))

    assert not host.task.active


def test_a_read_port_goes_with_its_last_sender(host, extension):
    """Read ports are made when asked for: after the last reference a new port takes its place."""
    read = host.task_port(extension.pid, "task_read_for_pid")
    first = host.port(read)
    host.ask("mach_port_deallocate", read)
    again = host.port(host.task_port(extension.pid, "task_read_for_pid"))

    assert not first.active
    assert again is not first


def test_self_traps_add_a_reference_each_time(host):
    """mach_task_self(), mach_thread_self() and mach_host_self() each cost one reference, every time."""
    for function, kotype in (
        ("mach_task_self", KobjectType.TASK_CONTROL),
        ("mach_thread_self", KobjectType.THREAD_CONTROL),
        ("mach_host_self", KobjectType.HOST),
    ):
        names = {host.calls.call(function, ()).outputs[0] for _ in range(3)}
        (name,) = names
        assert host.refs(name) == 3 + (name == 0x103)
        assert host.ask("mach_port_kobject", name)[0] == kotype


def test_a_process_can_lose_its_own_task_port(host):
    """A third-party process that drops its last task self reference can make no calls any more."""
    host.ask("mach_port_deallocate", 0x103)

    assert host.code("mach_port_type", 0x203) == KernReturn.MACH_SEND_INVALID_DEST
    assert host.calls.call("mach_task_self", ()).outputs == (0x107,)


def test_a_call_to_what_is_no_task_port_is_no_call(host):
    """A call sent to an ordinary port is refused as a message, with a guard that is always fatal."""
    port = host.receive_right(send=True)
    with pytest.raises(ProcessKilledError, match="INVALID_OPTIONS"):
        host.code("mach_port_names", on=port)


def test_registered_ports_are_inherited(kernel, host, extension):
    """mach_ports_register keeps three send rights, for the task and its children."""
    port = host.receive_right(send=True)
    host.ask("mach_ports_register", [port, 0, port])
    assert host.ask("mach_ports_lookup") == [port, 0, port]
    assert host.code("mach_ports_register", [port] * 4) == KernReturn.KERN_INVALID_ARGUMENT

    child = Process(kernel, 5000, parent=host.pid)
    (first, none, third) = child.ask("mach_ports_lookup")
    assert (first, none, child.refs(first)) == (third, 0, 2)
    assert extension.ask("mach_ports_lookup") == [0, 0, 0]


def test_the_bootstrap_port_is_inherited(kernel, host):
    """A child asks for the bootstrap port that its parent had."""
    port = host.receive_right(send=True)
    host.ask("task_set_special_port", TaskSpecialPort.BOOTSTRAP, port)
    child = Process(kernel, 5000, parent=host.pid)
    name = child.ask("task_get_special_port", TaskSpecialPort.BOOTSTRAP)

    assert child.port(name) is host.port(port)


def test_space_info_shows_every_slot(host):
    """Row 0 is a dummy, free slots have no type, and a bare receive right no references."""
    port = host.receive_right()
    header, table, tree = host.ask("mach_port_space_info")
    rows = list(struct.iter_unpack("<IiIIIII", table))

    assert struct.unpack("<6I", header) == (0xFF, 32, 0, 0, 0, 0)
    assert tree == []
    assert rows[0][:5] == (0xFF, 0, 0, 0, 0)
    assert [(row[0], row[2], row[3]) for row in rows if row[2]] == [
        (0x103, PortType.SEND, 1),
        (0x203, PortType.RECEIVE, 0),
        (port, PortType.RECEIVE, 0),
    ]
    assert len(rows) == 32


def test_a_full_space_is_shown_too(host):
    """A table without any free slot has no chain of free ones, and every row has a right."""
    for _ in range(29):
        host.receive_right()
    _, table, _ = host.ask("mach_port_space_info")
    rows = list(struct.iter_unpack("<IiIIIII", table))

    assert len(rows) == 32
    assert rows[0][5] == 0
    assert all(row[2] for row in rows[1:])
