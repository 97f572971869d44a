"""The C API over anything that answers kernel calls."""

import ctypes
import errno
from typing import Any

import pytest

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.calls import Reply, failed_system_call
from portaudit.mach.constants import KernReturn, MsgOption
from portaudit.mach.library import KernError, Mach, held, out_of_line, task_port
from portaudit.mach.messages import Message, PortDescriptor, pack, unpack
from portaudit.mach.prototypes import filled, given, kern


class Scripted:
    """Answers each call as told, and remembers what it was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def call(self, function, inputs):
        self.asked.append((function, inputs))
        answer = self.answers[function]
        if isinstance(answer, Exception):
            raise answer
        return answer


def mach_over(**answers):
    calls = Scripted(**answers)
    callbacks = Callbacks(calls, 0x103)
    return Mach(callbacks, "simulated"), calls, callbacks


def test_a_value_is_written_through_its_pointer():
    """An out-parameter holds what the kernel answered, and the inputs arrive in C's order."""
    mach, calls, _ = mach_over(mach_port_get_refs=Reply(0, (7,)))
    refs = c.mach_port_urefs_t()

    mach.mach_port_get_refs(0x103, 0x1103, 0, ctypes.byref(refs))

    assert refs.value == 7
    assert calls.asked == [("mach_port_get_refs", (0x103, 0x1103, 0))]


def test_a_value_that_goes_both_ways_is_read_and_written():
    """The size of a memory entry is given through a pointer, and what became of it comes back there."""
    mach, calls, _ = mach_over(mach_make_memory_entry_64=Reply(0, (16384, 0x1203)))
    size, entry = c.memory_object_size_t(1), c.mach_port_t()

    mach.mach_make_memory_entry_64(0x103, ctypes.byref(size), 0, 0x020003, ctypes.byref(entry), 0)

    assert (size.value, entry.value) == (16384, 0x1203)
    assert calls.asked == [("mach_make_memory_entry_64", (0x103, 1, 0, 0x020003, 0))]


def test_another_table_offers_other_functions():
    """Callbacks and Mach take a table of their own: what IOKit.framework calls is not in libSystem."""
    prototypes = {"io_iterator_next": kern(given("iterator", c.mach_port_t), filled("object", c.mach_port_t))}
    calls = Scripted(io_iterator_next=Reply(0, (0x1303,)))
    mach: Any = Mach(Callbacks(calls, 0x103, prototypes), "simulated", prototypes)
    found = c.mach_port_t()
    mach.io_iterator_next(0x1203, ctypes.byref(found))

    assert found.value == 0x1303
    with pytest.raises(AttributeError):
        mach.mach_port_names  # noqa: B018  the attribute is the point


def test_a_negative_delta_arrives_negative():
    """A signed argument keeps its sign on the way."""
    mach, calls, _ = mach_over(mach_port_mod_refs=Reply(0))

    mach.mach_port_mod_refs(0x103, 0x1103, 0, -2)

    assert calls.asked == [("mach_port_mod_refs", (0x103, 0x1103, 0, -2))]


def test_lent_memory_is_counted_until_it_is_given_back():
    """Out-of-line arrays stand in `lent` inside the with-block, and are gone after it."""
    mach, _, callbacks = mach_over(mach_port_names=Reply(0, ([0x103, 0x203], [65536, 131072])))

    with out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types):
        mach.mach_port_names(0x103, names.pointer, names.count, types.pointer, types.count)
        inside = (len(callbacks.lent), len(names), names.raw)

    assert inside == (2, 2, b"\x03\x01\0\0\x03\x02\0\0")
    assert callbacks.lent == {}


def test_lent_memory_goes_back_when_the_reader_fails():
    """An exception between the call and the end of the block forgets nothing."""
    mach, _, callbacks = mach_over(mach_port_names=Reply(0, ([0x103], [65536])))

    with (
        pytest.raises(RuntimeError),
        out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types),
    ):
        mach.mach_port_names(0x103, names.pointer, names.count, types.pointer, types.count)
        raise RuntimeError

    assert callbacks.lent == {}


def test_memory_that_was_not_lent_is_refused():
    """vm_deallocate of a foreign address, or with another size, is KERN_INVALID_ADDRESS."""
    mach, _, callbacks = mach_over(mach_port_names=Reply(0, ([0x103], [65536])))

    with out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types):
        mach.mach_port_names(0x103, names.pointer, names.count, types.pointer, types.count)
        address = next(iter(callbacks.lent))
        for wrong in ((address, 400), (0x1000, 4)):
            with pytest.raises(KernError) as refused:
                mach.vm_deallocate(0x103, *wrong)
            assert refused.value.code == KernReturn.KERN_INVALID_ADDRESS


def test_an_empty_array_lends_nothing():
    """A call that returns no elements leaves nothing to give back."""
    mach, _, callbacks = mach_over(mach_port_names=Reply(0, ([], [])))

    with out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types):
        mach.mach_port_names(0x103, names.pointer, names.count, types.pointer, types.count)

        assert (len(names), names.raw, callbacks.lent) == (0, b"", {})


def test_a_refusal_names_the_call_and_the_code():
    """A code other than KERN_SUCCESS is an exception that says function, name and number."""
    mach, _, _ = mach_over(mach_port_deallocate=Reply(KernReturn.KERN_INVALID_NAME))

    with pytest.raises(KernError) as refused:
        mach.mach_port_deallocate(0x103, 0x1103)

    assert str(refused.value) == "mach_port_deallocate answered KERN_INVALID_NAME (15)"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (errno.EPERM, "Operation not permitted (EPERM)"),
        (errno.ESRCH, "No such process (ESRCH)"),
        (errno.EACCES, "Permission denied (EACCES)"),
    ],
)
def test_a_refused_system_call_says_why_in_the_systems_words(reason, words):
    """What lies in errno is the refusal that everybody reads first; -1 says nothing."""
    mach, _, _ = mach_over(task_read_for_pid=failed_system_call(reason, (0,)))

    with pytest.raises(KernError) as refused:
        mach.task_read_for_pid(0x103, 4242, ctypes.byref(c.mach_port_name_t()))

    assert str(refused.value) == f"task_read_for_pid: {words}"
    assert (refused.value.code, refused.value.errno) == (-1, reason)


def test_an_older_errno_is_not_told_of_a_call_that_leaves_none():
    """What an earlier call has left in errno is nobody else's reason."""
    mach, _, _ = mach_over(
        task_read_for_pid=failed_system_call(errno.EPERM, (0,)), task_inspect_for_pid=Reply(-1, (0,))
    )
    said = []
    for function in (mach.task_read_for_pid, mach.task_inspect_for_pid):
        with pytest.raises(KernError) as refused:
            function(0x103, 4242, ctypes.byref(c.mach_port_name_t()))
        said.append(str(refused.value).partition(" ")[2])

    assert said == ["Operation not permitted (EPERM)", "answered an unknown code -1 (0xffffffff)"]


def test_an_unknown_code_keeps_its_number():
    """A code that no header names is shown in decimal and hexadecimal."""
    mach, _, _ = mach_over(mach_port_deallocate=Reply(12345))

    with pytest.raises(KernError, match=r"an unknown code 12345 \(0x00003039\)"):
        mach.mach_port_deallocate(0x103, 0x1103)


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (ValueError("planted"), ValueError),
        (KernelUnavailable("hung up"), KernelUnavailable),
        (NotImplementedError("mach_port_names is not simulated"), KernelUnavailable),
    ],
)
def test_an_exception_inside_a_callback_is_not_lost(fault, seen):
    """What a stand-in raises reaches whoever made the call, and no fault stays behind."""
    mach, _, callbacks = mach_over(mach_port_deallocate=fault)

    with pytest.raises(seen, match=str(fault)):
        mach.mach_port_deallocate(0x103, 0x1103)

    assert callbacks.faults == []


@pytest.mark.parametrize("outputs", [("seven",), ([1],), (1, 2)])
def test_an_answer_of_the_wrong_kind_is_nonsense(outputs):
    """A kernel that answers a count with something else is said to talk nonsense."""
    mach, _, _ = mach_over(mach_port_get_refs=Reply(0, outputs))
    refs = c.mach_port_urefs_t()

    with pytest.raises(KernelNonsense):
        mach.mach_port_get_refs(0x103, 0x1103, 0, ctypes.byref(refs))


def test_a_buffer_of_words_takes_no_more_than_it_holds():
    """mach_port_get_attributes writes as many words as the caller has room for, and says how many."""
    mach, calls, _ = mach_over(mach_port_get_attributes=Reply(0, (list(range(17)),)))
    words = (c.integer_t * 4)()
    count = c.mach_msg_type_number_t(4)

    mach.mach_port_get_attributes(0x103, 0x203, 7, words, ctypes.byref(count))

    assert (list(words), count.value) == ([0, 1, 2, 3], 4)
    assert calls.asked == [("mach_port_get_attributes", (0x103, 0x203, 7, 4))]


def test_a_message_goes_out_and_comes_in():
    """mach_msg hands the kernel the sent bytes, and the caller the received ones with a trailer."""
    answer = pack(Message(0, 0, 0x203, 17, 99, (PortDescriptor(0x1103, 17),), b"\x01\0\0\0"))
    mach, calls, _ = mach_over(mach_msg=Reply(0, (answer,)))
    sent = pack(Message(0x303, 19, 0x203, 21, 7))
    buffer = ctypes.create_string_buffer(sent, 200)
    place = ctypes.cast(buffer, ctypes.POINTER(c.mach_msg_header_t))
    option = MsgOption.SEND_MSG | MsgOption.RCV_MSG

    mach.mach_msg(place, option, len(sent), 200, 0x203, 0, 0)

    assert calls.asked[0][1] == (sent, 3, len(sent), 200, 0x203, 0, 0)
    assert unpack(buffer.raw).descriptors == (PortDescriptor(0x1103, 17),)
    assert buffer.raw[len(answer) : len(answer) + 8] == b"\0\0\0\0\x08\0\0\0"


def test_an_interrupt_in_a_callback_reaches_the_caller():
    """Ctrl-C while a stand-in kernel answers is not lost in C."""

    class Interrupted:
        def call(self, _function, _inputs):
            raise KeyboardInterrupt

    mach = Mach(Callbacks(Interrupted(), 0x103), "simulated")

    with pytest.raises(KeyboardInterrupt):
        mach.mach_port_deallocate(mach.task_self, 0x1503)


def test_a_task_port_is_given_back():
    """task_port returns its one reference at the end of the block, however it ends."""
    mach, calls, _ = mach_over(task_read_for_pid=Reply(0, (0x1503,)), mach_port_deallocate=Reply(0))

    with task_port(mach, "task_read_for_pid", 4242) as port:
        assert port == 0x1503

    assert calls.asked[-1] == ("mach_port_deallocate", (0x103, 0x1503))


@pytest.mark.parametrize("nothing", [0, 0xFFFFFFFF])
def test_success_without_a_port_is_no_port(nothing):
    """task_for_pid may answer KERN_SUCCESS with NULL or DEAD: that is said, and nothing is released."""
    mach, calls, _ = mach_over(task_for_pid=Reply(0, (nothing,)))

    with (
        pytest.raises(Exception, match="gave no port for process 4242"),
        task_port(mach, "task_for_pid", 4242),
    ):
        pass

    assert [name for name, _ in calls.asked] == ["task_for_pid"]


def test_a_kernel_that_has_gone_cannot_take_a_right_back():
    """Giving back a right to a kernel that refuses does not hide the reader's own result."""
    mach, _, _ = mach_over(mach_port_deallocate=Reply(KernReturn.KERN_INVALID_NAME))

    with held(mach, 0x1503) as name:
        assert name == 0x1503


def test_calls_are_counted():
    """Mach counts each call by its name."""
    mach, _, _ = mach_over(mach_port_deallocate=Reply(0))

    for _ in range(3):
        mach.mach_port_deallocate(0x103, 0x1503)

    assert mach.counts == {"mach_port_deallocate": 3}


def test_a_misspelled_function_is_an_attribute_error():
    """A function that the table does not declare is refused by name."""
    mach, _, _ = mach_over()

    with pytest.raises(AttributeError, match="mach_port_leak"):
        mach.mach_port_leak()


def test_error_strings_are_names():
    """mach_error_string gives the name of a code, and says so of a code without one."""
    mach, _, _ = mach_over()

    assert mach.mach_error_string(15) == b"KERN_INVALID_NAME"
    assert mach.mach_error_string(4711) == b"unknown error code"
