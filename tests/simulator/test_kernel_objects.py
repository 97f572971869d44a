"""Semaphores, clocks, memory entries and file ports: which calls give the same port, and its end."""

import errno

import pytest

from portaudit.mach.calls import failed_system_call
from portaudit.mach.constants import KernReturn, KobjectType, MsgType, PortRight, PortType
from portaudit.simulator.c_api import ProcessKilledError
from tests.simulator.conservation import Census

SEND = PortType.SEND
READ_WRITE_CREATE = 0x020003
PAGE = 16384


@pytest.fixture(autouse=True)
def references_add_up(kernel):
    """At the end of each test, rights and counts agree."""
    yield
    Census(kernel).check()


def kinds(process, *names):
    return [process.ask("mach_port_kobject", name)[0] for name in names]


def gone(process, port, name):
    return not port.active and process.code("mach_port_type", name) == KernReturn.KERN_INVALID_NAME


def test_each_semaphore_is_a_new_one(host):
    """Two calls give two ports of type SEMAPHORE, with one reference each, and nothing tells more of them."""
    first, second = (host.ask("semaphore_create", 0, 0) for _ in range(2))

    assert kinds(host, first, second) == [KobjectType.SEMAPHORE] * 2
    assert host.port(first) is not host.port(second)
    assert (host.type(first), host.refs(first)) == (SEND, 1)
    assert host.ask("mach_port_kobject_description", first) == (KobjectType.SEMAPHORE, 0, b"\0")


@pytest.mark.parametrize(("policy", "value"), [(0, -1), (1, 0), (8, 0)])
def test_a_semaphore_needs_a_policy_and_a_value_that_exist(host, policy, value):
    """A negative value and a policy that is not the user's are refused, and make nothing."""
    assert host.code("semaphore_create", policy, value) == KernReturn.KERN_INVALID_ARGUMENT
    assert len(list(host.task.space.names())) == 2


def test_a_destroyed_semaphore_takes_its_only_reference_along(host):
    """semaphore_destroy consumes the right: no mach_port_deallocate must follow."""
    semaphore = host.ask("semaphore_create", 0, 0)
    port = host.port(semaphore)
    host.ask("semaphore_destroy", semaphore)

    assert gone(host, port, semaphore)


def test_a_destroyed_semaphore_lives_on_for_other_references(host):
    """With a second reference the name stays a send right, to a semaphore that wakes nobody."""
    semaphore = host.ask("semaphore_create", 0, 0)
    host.ask("mach_port_mod_refs", semaphore, PortRight.SEND, 1)
    host.ask("semaphore_destroy", semaphore)

    assert (host.type(semaphore), host.refs(semaphore)) == (SEND, 1)


def test_semaphore_destroy_of_another_port_still_takes_a_reference(host, host_port):
    """The right has moved before the kernel looks what it is: the call fails, and the reference is gone."""
    host.ask("mach_port_mod_refs", host_port, PortRight.SEND, 1)

    assert host.code("semaphore_destroy", host_port) == KernReturn.KERN_INVALID_ARGUMENT
    assert host.refs(host_port) == 1


def test_a_semaphore_released_by_its_last_holder_dies(host):
    """mach_port_deallocate ends it as well: nothing else keeps it."""
    semaphore = host.ask("semaphore_create", 0, 0)
    port = host.port(semaphore)
    host.ask("mach_port_deallocate", semaphore)

    assert gone(host, port, semaphore)


def test_the_end_of_a_semaphores_owner_leaves_no_dead_name(kernel, host, extension):
    """Who holds a right to a semaphore of a task that has ended still holds a send right."""
    semaphore = host.ask("semaphore_create", 0, 0)
    host.give(extension, semaphore, 0x5503, MsgType.COPY_SEND)
    kernel.exit(host.pid)

    assert extension.type(0x5503) == SEND


def test_a_clock_has_one_port(host, host_port):
    """The same clock raises the references of the same name; another clock is another name."""
    system, again, calendar = (host.ask("host_get_clock_service", clock, on=host_port) for clock in (0, 0, 1))

    assert (system, host.refs(system), host.refs(calendar)) == (again, 2, 1)
    assert kinds(host, system, calendar) == [KobjectType.CLOCK] * 2
    assert host.code("host_get_clock_service", 2, on=host_port) == KernReturn.KERN_INVALID_ARGUMENT


def test_a_clock_outlives_its_rights(host, host_port):
    """Released and asked for again, a clock has the same port as before."""
    clock = host.ask("host_get_clock_service", 0, on=host_port)
    port = host.port(clock)
    host.ask("mach_port_deallocate", clock)

    assert host.port(host.ask("host_get_clock_service", 0, on=host_port)) is port


def test_the_host_is_asked_at_the_host_port(host):
    """A task port is no host; only the trap for vouchers tries before it sends a message."""
    calls = [
        ("host_get_clock_service", 0),
        ("host_get_io_master",),
        ("host_create_mach_voucher", [0] * 16),
    ]

    assert {host.code(*call) for call in calls} == {KernReturn.KERN_INVALID_ARGUMENT}


def test_each_memory_entry_is_a_new_one(host):
    """Two calls give two ports of type NAMED_ENTRY; the size is rounded up to whole pages."""
    (size, first), (_, second) = (
        host.ask("mach_make_memory_entry_64", 1, 0, READ_WRITE_CREATE, 0) for _ in range(2)
    )

    assert (size, first != second) == (PAGE, True)
    assert kinds(host, first, second) == [KobjectType.NAMED_ENTRY] * 2


@pytest.mark.parametrize(
    ("size", "offset", "expected"),
    [(PAGE, 0, PAGE), (PAGE, 1, 2 * PAGE), (PAGE + 1, 0, 2 * PAGE), (2, PAGE - 1, 2 * PAGE)],
)
def test_a_memory_entry_has_whole_pages(host, size, offset, expected):
    """From the page in which it starts to the one in which it ends."""
    assert host.ask("mach_make_memory_entry_64", size, offset, READ_WRITE_CREATE, 0)[0] == expected


def test_a_memory_entry_of_nothing_is_none(host):
    """Size 0 succeeds, and gives no port."""
    assert host.ask("mach_make_memory_entry_64", 0, 0, READ_WRITE_CREATE, 0) == (0, 0)


@pytest.mark.parametrize(
    ("size", "offset", "code"),
    [(2, (1 << 64) - 1, KernReturn.KERN_INVALID_ARGUMENT), (1 << 62, 0, KernReturn.KERN_FAILURE)],
)
def test_a_memory_entry_too_large_is_refused(host, size, offset, code):
    """What wraps around the address space, and what no memory object can hold."""
    assert host.code("mach_make_memory_entry_64", size, offset, READ_WRITE_CREATE, 0) == code


def test_a_memory_entry_dies_with_its_last_right_and_keeps_no_parent(host):
    """The parent of an entry that brings its memory along is given back unused."""
    _, parent = host.ask("mach_make_memory_entry_64", PAGE, 0, READ_WRITE_CREATE, 0)
    _, entry = host.ask("mach_make_memory_entry_64", PAGE, 0, READ_WRITE_CREATE, parent)
    ports = host.port(parent), host.port(entry)
    host.ask("mach_port_deallocate", parent)
    host.ask("mach_port_destroy", entry)

    assert gone(host, ports[0], parent)
    assert gone(host, ports[1], entry)


def test_a_memory_entry_of_memory_that_is_there_is_refused_by_name(host):
    """There is no memory behind the simulated tasks."""
    with pytest.raises(NotImplementedError, match="mach_make_memory_entry_64 with permission 0x3"):
        host.code("mach_make_memory_entry_64", PAGE, 0, 0x3, 0)


def test_each_file_port_is_a_new_one(host):
    """Two calls for one file give two ports of type FILEPORT, which die when they are released."""
    first, second = (host.calls.call("fileport_makeport", (1,)).outputs[0] for _ in range(2))
    port = host.port(first)
    host.ask("mach_port_deallocate", first)

    assert kinds(host, second) == [KobjectType.FILEPORT]
    assert gone(host, port, first)


@pytest.mark.parametrize("descriptor", [3, -1])
def test_a_file_that_is_not_open_has_no_port(host, descriptor):
    """A system call: -1, and nothing is made."""
    assert host.calls.call("fileport_makeport", (descriptor,)) == failed_system_call(errno.EBADF)
    assert len(list(host.task.space.names())) == 2


def test_a_plain_message_to_a_kernel_object_is_refused(host):
    """mach_msg reaches no kernel object: MIG's stubs call it in another way (osfmk/ipc/ipc_policy.c:622)."""
    semaphore = host.ask("semaphore_create", 0, 0)

    with pytest.raises(ProcessKilledError, match="INVALID_OPTIONS"):
        host.send(semaphore)
