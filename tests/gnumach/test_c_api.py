"""A GNU Mach task answers the C API's calls, in its own space, with XNU's numbers."""

import ctypes

import pytest

from portaudit.collect.names import read_names
from portaudit.errors import KernelUnavailable
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.calls import Reply
from portaudit.mach.constants import (
    KernReturn,
    MsgType,
    PortFlavor,
    PortRight,
    PortType,
    TaskSpecialPort,
)
from portaudit.mach.library import Mach

pytestmark = pytest.mark.gnumach

BOGUS = 0xBAD


def _space(task):
    return {name: (kind, sorted(urefs.items())) for name, (kind, urefs) in task.space().items()}


def _receive_right(task):
    return task.call("mach_port_allocate", (task.task_self_name, PortRight.RECEIVE)).outputs[0]


def test_a_new_task_holds_its_own_port_and_a_reply_port(new_task):
    """As a new process on XNU does: one reference to itself, one receive right for MIG."""
    task = new_task()
    assert list(_space(task).values()) == [
        (PortType.SEND, [(PortRight.SEND, 1)]),
        (PortType.RECEIVE, [(PortRight.RECEIVE, 1)]),
    ]


def test_the_whole_space_at_once_is_what_the_calls_tell(new_task):
    """The batch and mach_port_names with mach_port_get_refs agree on every entry."""
    task = new_task()
    name = _receive_right(task)
    task.call("mach_port_insert_right", (task.task_self_name, name, name, MsgType.MAKE_SEND))
    task.call("mach_port_allocate", (task.task_self_name, PortRight.DEAD_NAME))
    names, types = task.call("mach_port_names", (task.task_self_name,)).outputs
    told = {
        name: (
            kind,
            [
                (right, task.call("mach_port_get_refs", (task.task_self_name, name, right)).outputs[0])
                for right in PortRight
                if kind & PortType.ALL_RIGHTS & 1 << right + 16
            ],
        )
        for name, kind in zip(names, types, strict=True)
    }
    assert told == _space(task)
    assert len(told) == 4


def test_it_answers_through_the_c_prototypes(new_task):
    """The same prototypes, out-parameters and deallocation as on a Mac read the space."""
    task = new_task()
    callbacks = Callbacks(task, task.task_self_name)
    mach = Mach(callbacks, "gnumach")
    name = ctypes.c_uint32()
    mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
    mach.mach_port_insert_right(mach.task_self, name.value, name.value, MsgType.MAKE_SEND)
    mach.mach_port_mod_refs(mach.task_self, name.value, PortRight.SEND, 2)
    entries = read_names(mach, mach.task_self)
    assert list(zip(entries.name, entries.type, entries.urefs, strict=True)) == [
        (mach.task_self, PortType.SEND, 1),
        (2, PortType.RECEIVE, 0),
        (name.value, PortType.SEND_RECEIVE, 3),
    ]
    assert callbacks.lent == {}
    assert callbacks.faults == []


@pytest.mark.parametrize(
    ("function", "rest", "code"),
    [
        ("mach_port_type", (BOGUS,), KernReturn.KERN_INVALID_NAME),
        ("mach_port_get_refs", (BOGUS, PortRight.SEND), KernReturn.KERN_INVALID_NAME),
        ("mach_port_get_refs", (1, 77), KernReturn.KERN_INVALID_VALUE),
        ("mach_port_deallocate", (BOGUS,), KernReturn.KERN_INVALID_NAME),
        ("mach_port_deallocate", (2,), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_destroy", (BOGUS,), KernReturn.KERN_INVALID_NAME),
        ("mach_port_mod_refs", (1, PortRight.SEND, -2), KernReturn.KERN_INVALID_VALUE),
        ("mach_port_mod_refs", (1, PortRight.RECEIVE, -1), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_allocate", (PortRight.SEND,), KernReturn.KERN_INVALID_VALUE),
        ("mach_port_allocate_name", (PortRight.RECEIVE, 1), KernReturn.KERN_NAME_EXISTS),
        ("mach_port_insert_right", (9, 1, MsgType.COPY_SEND), KernReturn.KERN_RIGHT_EXISTS),
        ("mach_port_insert_right", (2, 1, MsgType.COPY_SEND), KernReturn.KERN_RIGHT_EXISTS),
        ("mach_port_extract_right", (2, MsgType.COPY_SEND), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_get_set_status", (2,), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_move_member", (2, 1), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_set_mscount", (1, 3), KernReturn.KERN_INVALID_RIGHT),
        ("mach_port_get_attributes", (1, PortFlavor.RECEIVE_STATUS, 10), KernReturn.KERN_INVALID_RIGHT),
    ],
)
def test_what_the_kernel_refuses_changes_nothing(new_task, function, rest, code):
    """A refused call gives XNU's code and no outputs, and leaves the space as it was."""
    task = new_task()
    before = task.space()
    assert task.call(function, (task.task_self_name, *rest)) == Reply(code)
    assert task.space() == before


def test_a_name_that_is_no_task_port_reaches_nobody(new_task):
    """The first input is a name in the caller's space: a wrong one is a wrong destination."""
    task = new_task()
    reply = task.call("mach_port_names", (BOGUS,))
    assert reply == Reply(KernReturn.MACH_SEND_INVALID_DEST)
    assert len(task.space()) == 2


def test_a_foreign_space_is_read_by_whoever_holds_its_task_port(new_task):
    """task_for_pid gives the port, one reference each time; with it the other's space is open."""
    host, extension = new_task(), new_task()
    own = host.task_self_name
    first, second = (host.call("task_for_pid", (own, extension.pid)) for _ in range(2))
    assert first == second
    (port,) = first.outputs
    assert host.space()[port] == (PortType.SEND, {PortRight.SEND: 2})
    assert host.call("pid_for_task", (port,)) == Reply(KernReturn.KERN_SUCCESS, (extension.pid,))
    (name,) = host.call("mach_port_allocate", (port, PortRight.RECEIVE)).outputs
    assert extension.space()[name] == (PortType.RECEIVE, {PortRight.RECEIVE: 1})
    assert host.call("mach_port_names", (port,)).outputs == (
        list(extension.space()),
        [kind for kind, _ in extension.space().values()],
    )


def test_no_task_is_behind_an_unknown_pid_or_another_port(new_task):
    """As on XNU: KERN_FAILURE with MACH_PORT_NULL, and with pid -1."""
    task = new_task()
    own = task.task_self_name
    refused = Reply(KernReturn.KERN_FAILURE, (0,))
    assert task.call("task_for_pid", (own, 1)) == refused
    assert task.call("task_for_pid", (BOGUS, task.pid)) == refused
    assert task.call("pid_for_task", (2,)) == Reply(KernReturn.KERN_FAILURE, (-1,))


@pytest.mark.parametrize("trap", ["mach_task_self", "mach_thread_self", "mach_host_self"])
def test_each_trap_adds_a_reference(new_task, trap):
    """mach_task_self() and its kin add one to the same name each time: the classic leak."""
    task = new_task()
    (name,) = task.call(trap, ()).outputs
    (_, before) = task.space()[name]
    assert task.call(trap, ()).outputs == (name,)
    assert task.space()[name] == (PortType.SEND, {PortRight.SEND: before[PortRight.SEND] + 1})


def test_a_reply_port_is_a_new_receive_right(new_task):
    """mach_reply_port() makes a receive right of its own each time."""
    task = new_task()
    names = [task.call("mach_reply_port", ()).outputs[0] for _ in range(2)]
    assert len(set(names)) == 2
    assert [task.space()[name][0] for name in names] == [PortType.RECEIVE] * 2


def test_special_and_registered_ports(new_task):
    """The kernel port is the task's own; a child inherits its parent's three registered ports."""
    parent = new_task()
    own, name = parent.task_self_name, _receive_right(parent)
    assert parent.call("task_get_special_port", (own, TaskSpecialPort.KERNEL)).outputs == (own,)
    parent.call("mach_port_insert_right", (own, name, name, MsgType.MAKE_SEND))
    assert parent.call("mach_ports_register", (own, [name])).code == KernReturn.KERN_SUCCESS
    assert parent.call("mach_ports_register", (own, [name] * 4)) == Reply(KernReturn.KERN_INVALID_ARGUMENT)
    child = new_task(parent.pid)
    (ports,) = child.call("mach_ports_lookup", (child.task_self_name,)).outputs
    assert [child.space().get(port) for port in ports] == [(PortType.SEND, {PortRight.SEND: 1}), None, None]


@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        ("mach_port_space_info", (1,)),
        ("mach_port_kobject", (1, 1)),
        ("task_read_for_pid", (1, 1)),
        ("mach_port_get_attributes", (1, 2, PortFlavor.INFO_EXT, 17)),
        ("task_get_special_port", (1, TaskSpecialPort.READ)),
        ("semaphore_create", (1, 0, 0)),
        ("host_get_clock_service", (1, 0)),
        ("fileport_makeport", (1,)),
        ("mach_msg", (None, 0x102 | 0x4, 0, 100, 2, 0, 0)),
    ],
)
def test_what_gnu_mach_does_not_have_is_refused_by_name(new_task, function, inputs):
    """Nothing is made up: the call is named, and nothing is asked of the kernel."""
    with pytest.raises(NotImplementedError, match=f"^{function}"):
        new_task().call(function, inputs)


def test_a_call_takes_numbers_only(new_task):
    """Bytes where a number belongs are a mistake of ours, not the kernel's business."""
    with pytest.raises(TypeError, match=r"^b'name' is no number$"):
        new_task().call("mach_port_deallocate", (1, b"name"))


def test_a_task_that_ended_answers_no_more(new_task):
    """task_terminate on itself succeeds; whoever held its port holds a dead name; more calls say so."""
    host, extension = new_task(), new_task()
    (port,) = host.call("task_for_pid", (host.task_self_name, extension.pid)).outputs
    assert extension.call("task_terminate", (extension.task_self_name,)) == Reply(KernReturn.KERN_SUCCESS)
    assert host.space()[port] == (PortType.DEAD_NAME, {PortRight.DEAD_NAME: 1})
    assert host.call("task_for_pid", (host.task_self_name, extension.pid)).code == KernReturn.KERN_FAILURE
    with pytest.raises(KernelUnavailable, match=rf"^the GNU Mach task of pid {extension.pid} has ended$"):
        extension.call("mach_task_self", ())


def test_a_task_ends_another(new_task):
    """With its control port anyone may: the other answers no more, a stranger's port is refused."""
    host, extension = new_task(), new_task()
    (port,) = host.call("task_for_pid", (host.task_self_name, extension.pid)).outputs
    assert host.call("task_terminate", (BOGUS,)) == Reply(KernReturn.MACH_SEND_INVALID_DEST)
    assert host.call("task_terminate", (port,)) == Reply(KernReturn.KERN_SUCCESS)
    with pytest.raises(KernelUnavailable, match="has ended"):
        extension.space()


def test_a_task_that_gave_its_own_port_away_can_still_be_seen(new_task):
    """Without its task port its own calls reach nobody, as on XNU; the batch looks from outside."""
    task = new_task()
    own = task.task_self_name
    assert task.call("mach_port_deallocate", (own, own)).code == KernReturn.KERN_SUCCESS
    assert task.call("mach_port_names", (own,)) == Reply(KernReturn.MACH_SEND_INVALID_DEST)
    assert [kind for kind, _ in task.space().values()] == [PortType.RECEIVE]
