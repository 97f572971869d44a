"""What Mach promises of rights and user references, tried on every kernel through the C interface."""

import pytest

from portaudit.mach.constants import MACH_PORT_DEAD, MACH_PORT_NULL, KernReturn, MsgType, PortRight, PortType
from tests.contract.post import post
from tests.kernels import new_port, out, refused, space_of

SEND, RECEIVE, DEAD_NAME = PortType.SEND, PortType.RECEIVE, PortType.DEAD_NAME


def refs(mach, name, right=PortRight.SEND):
    return out(mach, "mach_port_get_refs", mach.task_self, name, right)


def kind(mach, name):
    return out(mach, "mach_port_type", mach.task_self, name) & PortType.ALL_RIGHTS


def test_a_new_receive_right_is_one_right_without_send_references(task):
    """mach_port_allocate gives a receive right, and no send right with it."""
    name = new_port(task)

    assert kind(task, name) == RECEIVE
    assert (refs(task, name, PortRight.RECEIVE), refs(task, name)) == (1, 0)


def test_make_send_adds_a_reference_each_time(task):
    """Inserting a made send right into one's own name raises its references by one."""
    name = new_port(task, send=True)

    task.mach_port_insert_right(task.task_self, name, name, MsgType.MAKE_SEND)

    assert (kind(task, name), refs(task, name)) == (SEND | RECEIVE, 2)


def test_deallocate_takes_one_reference(task):
    """mach_port_deallocate lowers the send references by one, and the last one takes the right."""
    name = new_port(task, send=True)
    task.mach_port_mod_refs(task.task_self, name, PortRight.SEND, 1)

    task.mach_port_deallocate(task.task_self, name)
    after_one = refs(task, name)
    task.mach_port_deallocate(task.task_self, name)

    assert (after_one, kind(task, name)) == (1, RECEIVE)


def test_a_released_name_is_an_invalid_name(task):
    """A name without a right is KERN_INVALID_NAME to every call that looks it up."""
    name = new_port(task)
    task.mach_port_destroy(task.task_self, name)

    assert refused(task, "mach_port_deallocate", task.task_self, name) is KernReturn.KERN_INVALID_NAME
    assert refused(task, "mach_port_destroy", task.task_self, name) is KernReturn.KERN_INVALID_NAME
    assert refused(task, "mach_port_mod_refs", task.task_self, name, 0, 1) is KernReturn.KERN_INVALID_NAME


def test_a_bare_receive_right_cannot_be_deallocated(task):
    """mach_port_deallocate of a receive right is KERN_INVALID_RIGHT, and changes nothing."""
    name = new_port(task)

    assert refused(task, "mach_port_deallocate", task.task_self, name) is KernReturn.KERN_INVALID_RIGHT
    assert kind(task, name) == RECEIVE


def test_references_never_fall_below_nothing(task):
    """mod_refs below zero is KERN_INVALID_VALUE, and changes nothing."""
    name = new_port(task, send=True)

    code = refused(task, "mach_port_mod_refs", task.task_self, name, PortRight.SEND, -2)

    assert (code, refs(task, name)) == (KernReturn.KERN_INVALID_VALUE, 1)


def test_a_receive_right_that_goes_leaves_its_send_references_dead(task):
    """Destroying the receive right of a send-receive name leaves a dead name with the send references."""
    name = new_port(task, send=True)
    task.mach_port_mod_refs(task.task_self, name, PortRight.SEND, 4)

    task.mach_port_mod_refs(task.task_self, name, PortRight.RECEIVE, -1)

    assert (kind(task, name), refs(task, name, PortRight.DEAD_NAME)) == (DEAD_NAME, 5)


def test_a_right_is_told_only_of_what_a_name_has(task):
    """get_refs of a right that the name lacks succeeds with 0."""
    name = new_port(task)

    assert [refs(task, name, right) for right in (PortRight.SEND_ONCE, PortRight.PORT_SET)] == [0, 0]


def test_an_unknown_right_is_an_invalid_value(task):
    """A right number that does not exist is KERN_INVALID_VALUE."""
    name = new_port(task)

    assert refused(task, "mach_port_mod_refs", task.task_self, name, 77, 1) is KernReturn.KERN_INVALID_VALUE


def test_a_foreign_right_of_one_port_has_one_name(task, other):
    """A task that is given the same send right again keeps one name, with one reference more."""
    port = new_port(task, send=True)
    name = give(task, other, port)

    again = give(task, other, port)

    assert (again, space_of(other)[name]) == (name, (SEND, 2))


def give(giver, taker, port):
    """Let `taker` have a copy of a send right, under a name of its kernel's choice, by a message."""
    return post(giver, taker, port, MsgType.COPY_SEND)


def test_the_holder_of_a_right_to_a_dead_port_has_a_dead_name(task, other):
    """When the port dies, the foreign send right becomes a dead name that keeps its references."""
    port = new_port(task, send=True)
    name = give(task, other, port)
    give(task, other, port)

    task.mach_port_destroy(task.task_self, port)

    assert (kind(other, name), refs(other, name, PortRight.DEAD_NAME)) == (DEAD_NAME, 2)


def test_moving_takes_the_senders_reference(task, other):
    """MOVE_SEND lowers the sender's references; COPY_SEND does not."""
    port = new_port(task, send=True)
    task.mach_port_mod_refs(task.task_self, port, PortRight.SEND, 1)

    post(task, other, port, MsgType.COPY_SEND)
    copied = refs(task, port)
    post(task, other, port, MsgType.MOVE_SEND)

    assert (copied, refs(task, port)) == (2, 1)


def test_a_task_port_travels_like_any_right(task, other):
    """The own task port, sent as a copy, arrives as a send right, and the sender keeps its own."""
    before = refs(task, task.task_self)

    name = give(task, other, task.task_self)

    assert (space_of(other)[name], refs(task, task.task_self)) == ((SEND, 1), before)


def test_the_end_of_a_task_kills_the_right_to_it(kernel, other):
    """A right to a task that has ended is a dead name at the next look."""
    mortal = kernel.task(499_999)
    name = give(mortal, other, mortal.task_self)

    kernel.end(499_999)

    assert (kind(other, name), refs(other, name, PortRight.DEAD_NAME)) == (DEAD_NAME, 1)


@pytest.mark.parametrize("name", [MACH_PORT_NULL, MACH_PORT_DEAD])
def test_no_name_at_all_is_judged_by_each_kernel_its_own_way(kernel, task, name):
    """Deallocating NULL or DEAD succeeds on XNU (osfmk/ipc/mach_port.c:739), and is refused by GNU Mach."""
    if kernel.kind == "gnumach":
        code = refused(task, "mach_port_deallocate", task.task_self, name)
        assert code is KernReturn.KERN_INVALID_NAME
    else:
        task.mach_port_deallocate(task.task_self, name)


def test_each_kernel_keeps_its_own_maximum(kernel, task):
    """Send references stop at 65535 and stay there on XNU (ipc_right.c:1503); GNU Mach refuses at 65534."""
    name = new_port(task, send=True)
    task.mach_port_mod_refs(task.task_self, name, PortRight.SEND, 65533)

    if kernel.kind == "gnumach":
        code = refused(task, "mach_port_mod_refs", task.task_self, name, PortRight.SEND, 2)
        assert (code, refs(task, name)) == (KernReturn.KERN_UREFS_OVERFLOW, 65534)
    else:
        task.mach_port_mod_refs(task.task_self, name, PortRight.SEND, 2)
        task.mach_port_deallocate(task.task_self, name)
        assert refs(task, name) == 65535


def test_a_whole_space_is_read_by_names(task):
    """mach_port_names and get_refs together read every right that was made."""
    before = space_of(task)
    port = new_port(task, send=True)
    dead = out(task, "mach_port_allocate", task.task_self, PortRight.DEAD_NAME)

    added = {name: row for name, row in space_of(task).items() if name not in before}

    assert added == {port: (SEND | RECEIVE, 1), dead: (DEAD_NAME, 1)}
