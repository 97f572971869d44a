"""The C API's face: inputs and outputs as the prototypes have them, and bad ones refused."""

import re
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import KernelNonsense
from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortFlavor, PortRight, TaskFlavor
from portaudit.mach.messages import Message, pack
from portaudit.mach.prototypes import PROTOTYPES
from portaudit.simulator.c_api import SELF_TRAPS, TASK_FOR_PID, TaskCalls
from portaudit.simulator.kernel import Kernel
from portaudit.simulator.port_guard import OPTIONS
from portaudit.simulator.routines import ROUTINES
from tests import contract

CALLED = re.compile(r"[\".](\w+)[\"(]")
"""A function as a test calls it: by a method of its name, or by giving its name."""
ANSWERED_ABOVE = {"vm_deallocate", "mach_error_string"}
"""The two that the callback layer answers itself: they concern memory of the process, not the kernel."""


def test_every_prototype_is_answered():
    """The simulator knows each function of the prototype table."""
    known = {*ROUTINES, *SELF_TRAPS, *TASK_FOR_PID, *ANSWERED_ABOVE}
    known |= {"mach_msg", "pid_for_task", "mach_port_kernel_object", "fileport_makeport"}

    assert set(PROTOTYPES) - known == set(), "answer these in simulator/routines.py"


def test_every_function_is_tested_by_name():
    """Each function of the prototype table is called by a test of the simulator or of its contract."""
    folders = (Path(__file__).parent, Path(contract.__file__).parent)
    words = {
        word
        for folder in folders
        for path in folder.glob("*.py")
        for word in CALLED.findall(path.read_text())
    }

    assert set(PROTOTYPES) - words == set(), "no test in tests/simulator or tests/contract calls these"


def test_what_is_not_simulated_is_refused_by_name(host):
    """An unknown function raises NotImplementedError that names it, whatever its inputs."""
    with pytest.raises(NotImplementedError, match="not simulated: task_info"):
        host.calls.call("task_info", (0x103, 5, 93))
    with pytest.raises(
        NotImplementedError, match="not simulated: mach_port_construct with the options 0x400"
    ):
        host.code("mach_port_construct", OPTIONS.pack(0x400, 0), 0)


@pytest.mark.parametrize(
    ("function", "inputs", "said"),
    [
        ("mach_port_names", (), "takes 1 inputs, not 0"),
        ("mach_port_type", (0x103, 1, 2), "takes 2 inputs, not 3"),
        ("mach_port_type", (0x103, b"x"), "was given b'x' where a int belongs"),
        ("mach_port_construct", (0x103, 5, 0), "was given 5 where a bytes belongs"),
        ("mach_ports_register", (0x103, 7), "was given 7 where a list belongs"),
        ("mach_host_self", (1,), "takes 0 inputs, not 1"),
        ("mach_msg", ("text", 1, 0, 0, 0, 0, 0), "takes a message's bytes or None"),
        ("mach_msg", (None, 1), "takes 6 inputs, not 1"),
        ("pid_for_task", (None,), "was given None where a int belongs"),
    ],
)
def test_inputs_of_the_wrong_number_or_kind_are_a_type_error(host, function, inputs, said):
    """A caller that breaks the prototype is told which function, and what it gave."""
    with pytest.raises(TypeError, match=said):
        host.calls.call(function, inputs)


def test_numbers_are_cut_to_their_c_width(host):
    """A 64-bit name is the 32-bit name that C would make of it; a delta is signed."""
    port = host.receive_right(send=True)
    host.ask("mach_port_mod_refs", port + (1 << 40), PortRight.SEND, 3)
    host.ask("mach_port_mod_refs", port, PortRight.SEND, 0xFFFFFFFF)

    assert host.refs(port) == 3


@given(st.sampled_from(sorted(ROUTINES)), st.data())
def test_no_number_breaks_a_call(function, data):
    """Any numbers as inputs give a return code, or are refused by name."""
    kernel = Kernel()
    calls = TaskCalls(kernel, kernel.create_task(9))
    values = {
        "u": st.sampled_from([0x103, 0x203, 0, 0xFFFFFFFF]) | st.integers(-(1 << 70), 1 << 70),
        "i": st.integers(-(1 << 70), 1 << 70),
        "g": st.integers(-(1 << 70), 1 << 70),
        "b": st.binary(min_size=24, max_size=24),
        "l": st.lists(st.integers(-(1 << 70), 1 << 70), max_size=5),
    }
    inputs = tuple(data.draw(values[kind]) for kind in ROUTINES[function].inputs)
    with suppress(NotImplementedError):
        assert isinstance(calls.call(function, (0x103, *inputs)).code, int)


def test_a_structure_that_is_cut_off_is_a_type_error(host):
    """mach_port_construct wants 24 bytes of options."""
    with pytest.raises(TypeError, match="has 24 bytes, not 5"):
        host.code("mach_port_construct", b"short", 0)


@pytest.mark.parametrize("data", [None, b"", bytes(20), bytes(27)])
def test_a_message_that_is_no_message_is_too_small(host, data):
    """Bytes that cannot be a message are refused with MACH_SEND_MSG_TOO_SMALL."""
    option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
    size = len(data or b"")

    assert host.calls.call("mach_msg", (data, option, size, 0, 0, 0, 0)).code == (
        KernReturn.MACH_SEND_MSG_TOO_SMALL
    )


@given(st.binary(min_size=24, max_size=120).map(lambda data: data[: len(data) & ~3]))
def test_no_bytes_break_a_send(data):
    """Any bytes as a message give a return code, or are called no message of the simulated kinds."""
    kernel = Kernel()
    calls = TaskCalls(kernel, kernel.create_task(9))
    option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
    try:
        reply = calls.call("mach_msg", (data, option, len(data), 0, 0, 0, 0))
    except KernelNonsense:
        return
    assert reply.code != 0


def test_mach_msg_without_an_option_does_nothing(host):
    """Neither sending nor receiving is a success without a message."""
    assert host.calls.call("mach_msg", (None, 0, 0, 0, 0, 0, 0)) == Reply(0, (None,))


def test_receive_status_has_ten_words(host):
    """get_attributes gives words in mach_port_status_t's order, and refuses a buffer that is too short."""
    port = host.receive_right(send=True)
    host.send(port)
    words = host.ask("mach_port_get_attributes", port, PortFlavor.RECEIVE_STATUS, 10)
    assert words == [0, 0, 1, 5, 1, 0, 1, 0, 0, 0]
    assert len(host.ask("mach_port_get_attributes", port, PortFlavor.INFO_EXT, 17)) == 17
    assert host.ask("mach_port_get_attributes", port, PortFlavor.LIMITS_INFO, 17) == [5]

    short = host.code("mach_port_get_attributes", port, PortFlavor.RECEIVE_STATUS, 9)
    assert short == KernReturn.KERN_FAILURE
    assert host.code("mach_port_get_attributes", port, 77, 17) == KernReturn.KERN_INVALID_ARGUMENT


def test_the_queue_limit_can_be_set(host):
    """set_attributes changes how many messages fit, up to 1024."""
    port = host.receive_right(send=True)
    host.ask("mach_port_set_attributes", port, PortFlavor.LIMITS_INFO, [1])
    codes = [host.send(port), host.send(port)]

    assert codes == [0, KernReturn.MACH_SEND_TIMED_OUT]
    too_long = host.code("mach_port_set_attributes", port, PortFlavor.LIMITS_INFO, [1025])
    assert too_long == KernReturn.KERN_INVALID_VALUE


def test_peek_looks_without_taking(host):
    """mach_port_peek gives number, size and id of the first message, and leaves it."""
    port = host.receive_right(send=True)
    assert host.code("mach_port_peek", port, 0, 0) == KernReturn.KERN_FAILURE
    host.send(port, identity=31)

    assert host.ask("mach_port_peek", port, 0, 0)[:3] == (0, 24, 31)
    assert host.receive(port).id == 31


def test_basic_info_counts_without_the_dummy(host):
    """space_basic_info gives table size and slots in use."""
    host.receive_right()

    assert struct.unpack("<6I", host.ask("mach_port_space_basic_info")) == (0xFF, 32, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("function", "code"),
    [
        ("task_for_pid", KernReturn.KERN_FAILURE),
        ("task_read_for_pid", -1),
        ("task_inspect_for_pid", -1),
        ("task_name_for_pid", KernReturn.KERN_FAILURE),
    ],
)
def test_a_refused_task_port_is_a_failure_like_any_other(kernel, host, extension, function, code):
    """Refused, unknown, pid 0, negative or huge pids, and a wrong self port: one code, and no port."""
    kernel.refuse(extension.pid, *TaskFlavor)
    port = host.receive_right(send=True)
    tries = [(0x103, extension.pid), (0x103, 0), (0x103, -1), (0x103, 1 << 40), (0x103, 7), (port, host.pid)]

    assert {host.calls.call(function, inputs)[:2] for inputs in tries} == {(code, (0,))}
    assert extension.calls.call(function, (0x103, extension.pid)).code == 0


def test_a_refusal_concerns_only_its_flavour(kernel, host, extension):
    """A process may refuse its control port and give its read port."""
    kernel.refuse(extension.pid, TaskFlavor.CONTROL)

    assert host.calls.call("task_for_pid", (0x103, extension.pid)).code == KernReturn.KERN_FAILURE
    assert host.task_port(extension.pid, "task_read_for_pid") == 0x303


def test_a_call_through_mig_replaces_the_reply_port_after_an_error(host, extension):
    """A wrong right in a call on another task is a send error; libsystem then takes a new reply port."""
    control = host.task_port(extension.pid)
    code = host.code("mach_port_insert_right", 0x5503, 0x903, MsgType.COPY_SEND, on=control)

    assert code == KernReturn.MACH_SEND_INVALID_RIGHT
    assert host.task.mig_reply_name == 0x207


def test_a_call_on_itself_takes_the_trap(host):
    """The same mistake on oneself is an ordinary error: no message, no guard, the old reply port."""
    code = host.code("mach_port_insert_right", 0x5503, 0x903, MsgType.COPY_SEND)

    assert code == KernReturn.KERN_INVALID_NAME
    assert (host.guards(), host.task.mig_reply_name) == ([], 0x203)


def test_without_its_reply_port_a_call_loses_its_answer(host):
    """A process that destroyed the reply port makes no calls by message until it has a new one."""
    host.ask("mach_port_mod_refs", 0x203, PortRight.RECEIVE, -1)

    assert host.code("mach_port_names") == KernReturn.MACH_SEND_INVALID_REPLY
    assert host.code("mach_port_names") == KernReturn.KERN_SUCCESS


def test_a_dead_process_makes_no_calls(kernel, host):
    """After its end every call of a process fails, and nothing comes back to life."""
    data = pack(Message(0x103, MsgType.COPY_SEND))
    kernel.exit(host.pid)

    assert host.code("mach_port_allocate", PortRight.RECEIVE) == KernReturn.MACH_SEND_INVALID_DEST
    assert host.calls.call("mach_task_self", ()).outputs == (0,)
    assert host.calls.call("mach_host_self", ()).outputs == (0,)
    assert host.calls.call("mach_reply_port", ()).outputs == (0,)
    sent = host.calls.call("mach_msg", (data, MsgOption.SEND_MSG, len(data), 0, 0, 0, 0)).code
    assert sent == KernReturn.MACH_SEND_INVALID_DEST
    assert list(host.task.space.names()) == []
