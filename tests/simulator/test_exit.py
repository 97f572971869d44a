"""The end of a process: what others notice, and when."""

import pytest

from portaudit.mach.calls import Reply
from portaudit.mach.constants import (
    KernReturn,
    MsgType,
    Notification,
    PortRight,
    PortType,
    TaskSpecialPort,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.routines import ROUTINES, On


def test_exit_has_two_parts(kernel, host, extension):
    """Rights to a task that has ended are send rights until it is reaped, and dead names then."""
    control = host.task_port(extension.pid)
    kernel.terminate(extension.pid)
    assert host.type(control) == PortType.SEND
    assert host.code("mach_port_names", on=control) == KernReturn.KERN_INVALID_TASK
    assert host.calls.call("pid_for_task", (control,)).code == KernReturn.KERN_FAILURE
    assert host.calls.call("task_for_pid", (0x103, extension.pid)) == Reply(0, (0,))

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


def test_no_call_ends_a_process(host, extension):
    """task_terminate is KERN_FAILURE for every process, which signals end; a read port does not do at all."""
    read = host.task_port(extension.pid, "task_read_for_pid")
    assert host.code("task_terminate", on=read) == KernReturn.KERN_INVALID_ARGUMENT
    assert host.code("task_terminate", on=host.task_port(extension.pid)) == KernReturn.KERN_FAILURE
    assert host.code("task_terminate") == KernReturn.KERN_FAILURE

    assert (host.task.active, extension.task.active) == (True, True)


def test_a_process_that_has_ended_makes_no_calls(kernel, extension):
    """Whatever it asks of itself, by trap or by message, finds no space to start from."""
    kernel.terminate(extension.pid)

    assert extension.code("mach_port_names") == KernReturn.MACH_SEND_INVALID_DEST
    assert extension.code("mach_port_allocate", PortRight.RECEIVE) == KernReturn.MACH_SEND_INVALID_DEST
    assert extension.calls.call("mach_reply_port", ()) == Reply(0, (0,))


BY_FLAVOUR = {
    On.CONTROL: KernReturn.KERN_INVALID_TASK,
    On.READ: KernReturn.KERN_INVALID_ARGUMENT,
    On.INSPECT: KernReturn.KERN_INVALID_TASK,
}
ON_TASKS = {
    "task_terminate": KernReturn.KERN_INVALID_ARGUMENT,
    "task_threads": KernReturn.KERN_INVALID_ARGUMENT,
    "task_get_special_port": KernReturn.KERN_INVALID_ARGUMENT,
    "task_set_special_port": KernReturn.KERN_INVALID_ARGUMENT,
    "mach_ports_register": KernReturn.KERN_INVALID_ARGUMENT,
    "mach_ports_lookup": KernReturn.KERN_INVALID_ARGUMENT,
    "task_get_exc_guard_behavior": KernReturn.KERN_INVALID_TASK,
    "task_set_exc_guard_behavior": KernReturn.KERN_INVALID_TASK,
    "semaphore_create": KernReturn.KERN_INVALID_ARGUMENT,
}
INPUTS = {
    "task_get_special_port": (TaskSpecialPort.KERNEL,),
    "task_set_special_port": (TaskSpecialPort.BOOTSTRAP, 0x103),
    "mach_ports_register": ([],),
    "mach_port_insert_right": (0x5503, 0x103, MsgType.COPY_SEND),
    "mach_port_request_notification": (0x103, Notification.DEAD_NAME, 0, 0x203, MsgType.MAKE_SEND_ONCE),
    "mach_port_construct": (bytes(24), 0),
    "mach_port_set_attributes": (0x103, 1, [5]),
}
CODES = {name: BY_FLAVOUR.get(routine.on, ON_TASKS.get(name)) for name, routine in ROUTINES.items()}


@pytest.mark.parametrize("function", [name for name, code in CODES.items() if code is not None])
def test_a_task_that_has_ended_answers_as_one_that_the_port_is_too_weak_for(
    kernel, host, extension, function
):
    """Between the two parts of exit the port lives, and nothing stands behind it; then it is dead."""
    inputs = INPUTS.get(function, (1,) * len(ROUTINES[function].inputs))
    control = host.task_port(extension.pid)
    kernel.terminate(extension.pid)
    assert host.code(function, *inputs, on=control) == CODES[function]

    kernel.reap(extension.pid)
    assert host.code(function, *inputs, on=control) == KernReturn.MACH_SEND_INVALID_DEST


def test_a_right_sent_to_a_task_that_has_ended_is_lost(kernel, host, extension):
    """The call fails, but what was moved into it does not come back."""
    port = host.receive_right(send=True)
    control = host.task_port(extension.pid)
    kernel.terminate(extension.pid)
    code = host.code("mach_port_insert_right", 0x5503, port, MsgType.MOVE_SEND, on=control)

    assert code == KernReturn.KERN_INVALID_TASK
    assert (host.type(port), host.port(port).srights) == (PortType.RECEIVE, 0)


def test_a_reaped_pid_can_be_used_again(kernel, host, extension):
    """A new process under an old pid is another task."""
    old = host.task_port(extension.pid)
    kernel.exit(extension.pid)
    kernel.create_task(extension.pid)

    assert host.type(old) == PortType.DEAD_NAME
    assert host.task_port(extension.pid) != old


def test_a_process_ends_once(kernel, extension):
    """A second first part is KERN_FAILURE and changes nothing; exit does what is left to do."""
    kernel.terminate(extension.pid)
    with pytest.raises(RefusalError) as second:
        kernel.terminate(extension.pid)
    assert second.value.code == KernReturn.KERN_FAILURE
    kernel.exit(extension.pid)

    with pytest.raises(LookupError, match="no task has pid 4243"):
        kernel.exit(extension.pid)
