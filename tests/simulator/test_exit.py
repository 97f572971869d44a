"""The end of a process: what others notice, and when."""

import pytest

from portaudit.mach.constants import KernReturn, MsgType, Notification, PortRight, PortType


def test_exit_has_two_parts(kernel, host, extension):
    """Rights to a task that has ended are send rights until it is reaped, and dead names then."""
    control = host.task_port(extension.pid)
    kernel.terminate(extension.pid)
    assert host.type(control) == PortType.SEND
    assert host.code("mach_port_names", on=control) == KernReturn.KERN_INVALID_TASK
    assert host.calls.call("pid_for_task", (control,)).code == KernReturn.KERN_FAILURE
    assert host.calls.call("task_for_pid", (0x103, extension.pid)) == (0, (0,))

    kernel.reap(extension.pid)
    assert host.type(control) == PortType.DEAD_NAME
    assert host.code("mach_port_names", on=control) == KernReturn.MACH_SEND_INVALID_DEST
    assert host.calls.call("task_for_pid", (0x103, extension.pid)).code == KernReturn.KERN_FAILURE


def test_receive_rights_die_with_their_process(kernel, host, extension):
    """The holders of send rights to its ports get dead names that keep their references."""
    extension.give(host, extension.receive_right(), 0x5503)
    host.ask("mach_port_mod_refs", 0x5503, PortRight.SEND, 6)
    kernel.exit(extension.pid)

    assert host.type(0x5503) == PortType.DEAD_NAME
    assert host.refs(0x5503, PortRight.DEAD_NAME) == 7


def test_send_rights_are_released(kernel, host, extension):
    """The last sender's exit tells a receiver that asked."""
    port, notify = host.receive_right(), host.receive_right()
    host.give(extension, port, 0x5503)
    host.ask(
        "mach_port_request_notification", port, Notification.NO_SENDERS, 0, notify, MsgType.MAKE_SEND_ONCE
    )
    kernel.exit(extension.pid)

    assert host.receive(notify).id == Notification.NO_SENDERS
    assert host.ask("mach_port_get_srights", port) == 0


def test_unanswered_send_once_rights_answer_for_themselves(kernel, host, extension):
    """A client whose server dies before it answers gets SEND_ONCE on its reply port."""
    inbox, reply = extension.receive_right(), host.receive_right()
    extension.give(host, inbox, 0x5503)
    host.send(0x5503, local=(reply, MsgType.MAKE_SEND_ONCE))
    extension.receive(inbox)
    kernel.exit(extension.pid)

    assert host.receive(reply).id == Notification.SEND_ONCE


def test_what_is_under_way_survives_its_sender(kernel, host, extension):
    """A receive right in a message is delivered although its sender is gone."""
    inbox, moved = host.receive_right(), extension.receive_right()
    host.give(extension, inbox, 0x5503)
    extension.send(0x5503, (moved, MsgType.MOVE_RECEIVE))
    kernel.exit(extension.pid)

    (descriptor,) = host.receive(inbox).descriptors
    assert host.type(descriptor.name) == PortType.RECEIVE


def test_a_process_can_end_another_one(host, extension):
    """task_terminate through a control port is exit's first part; a read port does not do."""
    read = host.task_port(extension.pid, "task_read_for_pid")
    assert host.code("task_terminate", on=read) == KernReturn.KERN_INVALID_ARGUMENT
    host.ask("task_terminate", on=host.task_port(extension.pid))

    assert not extension.task.active
    assert extension.code("mach_port_names") == KernReturn.MACH_SEND_INVALID_DEST


def test_a_reaped_pid_can_be_used_again(kernel, host, extension):
    """A new process under an old pid is another task."""
    old = host.task_port(extension.pid)
    kernel.exit(extension.pid)
    kernel.create_task(extension.pid)

    assert host.type(old) == PortType.DEAD_NAME
    assert host.task_port(extension.pid) != old


@pytest.mark.parametrize("reaped", [False, True])
def test_ending_twice_is_ending_once(kernel, host, extension, reaped):
    """A second end of the same process changes nothing, and an unknown pid is named."""
    kernel.terminate(extension.pid)
    kernel.terminate(extension.pid)
    if reaped:
        kernel.reap(extension.pid)
        with pytest.raises(LookupError, match="no task has pid 4243"):
            kernel.exit(extension.pid)
    assert host.task.active
