"""Reading spaces: what the ways read, what they take, and what they give back."""

import ctypes
import gc
import os
import signal
from dataclasses import replace

import pytest

from portaudit.collect import taking
from portaudit.collect.names import read_names
from portaudit.collect.process import identify
from portaudit.collect.space_info import read_space
from portaudit.collect.taking import Target, read_settled
from portaudit.collect.ways import DOORS, SELF_DOORS, Reading, Refusal, read_task
from portaudit.errors import KernelNonsense
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.calls import Reply
from portaudit.mach.constants import MsgType, PortRight, TaskFlavor
from portaudit.mach.library import Mach, task_port
from portaudit.model.rights import Right
from portaudit.model.snapshot import Process
from tests.kernels import SimulatedKernel, new_port, out, own_task

HOST = 999_999_001


@pytest.fixture
def kernel():
    """A simulated kernel."""
    return SimulatedKernel()


def busy_task(kernel, pid=HOST):
    """A task with each kind of right."""
    mach = kernel.task(pid)
    port = new_port(mach, send=True)
    mach.mach_port_mod_refs(mach.task_self, port, PortRight.SEND, 6)
    new_port(mach)
    out(mach, "mach_port_allocate", mach.task_self, PortRight.PORT_SET)
    out(mach, "mach_port_allocate", mach.task_self, PortRight.DEAD_NAME)
    mach.mach_port_insert_right(mach.task_self, 0x5503, port, MsgType.MAKE_SEND_ONCE)
    mach.mach_host_self()
    return mach


def shape(entries):
    return sorted((entry.name, entry.rights, entry.urefs) for entry in entries)


def test_space_info_reads_every_kind_of_right(kernel):
    """One row a name, with rights, references, object and kobject type; free slots are left out."""
    busy_task(kernel)
    auditor = own_task(kernel)

    reading = read_task(auditor, HOST, DOORS["auto"])

    assert isinstance(reading, Reading)
    rows = [(entry.rights, entry.urefs, entry.kobject_label) for entry in reading.entries]
    assert rows == [
        ((Right.SEND,), 1, "TASK-CONTROL"),
        ((Right.RECEIVE,), 0, None),
        ((Right.RECEIVE, Right.SEND), 7, None),
        ((Right.RECEIVE,), 0, None),
        ((Right.PORT_SET,), 0, None),
        ((Right.DEAD_NAME,), 1, None),
        ((Right.SEND,), 1, "HOST"),
        ((Right.SEND_ONCE,), 1, None),
    ]


def test_a_receive_right_tells_its_state(kernel):
    """Queue, limit, make-send count and senders of a receive right stand beside its row."""
    mach = kernel.task(HOST)
    port = new_port(mach, send=True)
    entries = read_space(mach, mach.task_self)

    state = {entry.name: entry.receive for entry in entries}[port]

    assert state is not None
    assert (state.queued, state.queue_limit, state.make_send, state.send_once, state.has_senders) == (
        0,
        5,
        1,
        0,
        True,
    )


def test_both_ways_agree_on_names_rights_and_references(kernel):
    """What names reads of a quiet space is what space-info reads of it."""
    mach = busy_task(kernel)

    assert shape(read_names(mach, mach.task_self)) == shape(read_space(mach, mach.task_self))


def test_a_space_takes_one_call_and_one_more_for_each_object_and_receive_right(kernel):
    """The calls of a reading are counted: one space_info, no call a row.

    Of the three receive rights two are not asked about: nobody can send to them, so they are queues.
    """
    mach = busy_task(kernel)
    before = mach.counts.copy()

    read_space(mach, mach.task_self)

    assert dict(mach.counts - before) == {
        "mach_port_space_info": 1,
        "mach_port_kobject_description": 3,
        "mach_port_get_attributes": 3,
        "vm_deallocate": 1,
    }


def test_settling_asks_for_the_table_and_the_queues_again_and_counts_every_call(kernel):
    """What stands behind an object is asked for once; the snapshot tells the calls of both readings."""
    busy_task(kernel)
    auditor = own_task(kernel)
    before = auditor.counts.copy()

    outcome = read_settled(auditor, [Target(identify(os.getpid()))], "auto", 2, str)
    made = auditor.counts - before
    asked = read_space(auditor, auditor.task_self)

    assert outcome.settled
    assert dict(made) == outcome.tasks[0].calls
    assert made["mach_port_space_info"] == 2
    assert outcome.tasks[0].entries == asked


def calls_of(kernel, settle):
    """Give what a snapshot of the busy task says of the calls that it took."""
    targets = [Target(Process(HOST, 1.0, "Host"))]
    (task,) = read_settled(own_task(kernel), targets, "auto", settle, str).tasks
    return task.calls


def test_a_second_reading_of_another_task_asks_no_kind_twice(kernel, monkeypatch):
    """The port, the table and the queues are asked for again, the kernel objects are not."""
    busy_task(kernel)
    monkeypatch.setattr(taking, "is_same", lambda _process: True)

    assert calls_of(kernel, 2) == {
        "task_read_for_pid": 2,
        "mach_port_space_info": 2,
        "mach_port_get_attributes": 6,
        "mach_port_kobject_description": 3,
        "vm_deallocate": 2,
        "mach_port_deallocate": 2,
    }


class Timers:
    """Calls of a kernel that says of every receive right that it belongs to a timer, and can be sent to."""

    def __init__(self, calls, objects):
        self.calls = calls
        self.objects = objects

    def call(self, function, inputs):
        reply = self.calls.call(function, inputs)
        if function == "mach_port_get_attributes":
            words = list(reply.outputs[0])
            words[6] = 1
            return Reply(0, (words,))
        if function == "mach_port_kobject_description":
            return Reply(0, (self.objects.get(inputs[1], 0), 0, b"\0"))
        return reply


def test_a_timer_is_told_from_a_queue(kernel):
    """A task holds the receive right of its timers, and the kernel sends to them: those are asked about."""
    mach = kernel.task(HOST)
    timer, queue = new_port(mach), new_port(mach)
    mach.library.calls = Timers(mach.library.calls, {timer: 8, queue: 0, mach.task_self: 2})

    entries = read_space(mach, mach.task_self)

    assert [entries.kobject[entries.name.index(name)] for name in (timer, queue, mach.task_self)] == [8, 0, 2]


def test_an_object_that_came_under_an_old_name_is_asked_about(kernel):
    """An earlier reading answers for the same name and object alone."""
    mach = busy_task(kernel)
    before = read_space(mach, mach.task_self)
    asked = mach.counts["mach_port_kobject_description"]
    others = [None if number is None else number + 1 for number in before.object]

    again = read_space(mach, mach.task_self, replace(before, object=others))

    assert again == before
    assert mach.counts["mach_port_kobject_description"] == 2 * asked
    assert read_space(mach, mach.task_self, before) == before
    assert mach.counts["mach_port_kobject_description"] == 2 * asked


def test_a_control_port_is_never_asked_for_when_a_read_port_serves(kernel):
    """Auto takes the read port, and only that."""
    busy_task(kernel)
    auditor = own_task(kernel)

    read_task(auditor, HOST, DOORS["auto"])

    assert auditor.counts["task_read_for_pid"] == 1
    assert auditor.counts["task_for_pid"] == 0


def test_a_refused_read_port_leads_to_the_whole_space_by_the_control_port(kernel):
    """A control port that is granted is used for one whole look, not for the racy way."""
    busy_task(kernel)
    kernel.kernel.refuse(HOST, TaskFlavor.READ)

    reading = read_task(own_task(kernel), HOST, DOORS["auto"])

    assert isinstance(reading, Reading)
    assert (reading.door.way, reading.door.flavour) == ("space-info", "control")


class WithoutSpaceInfo:
    """Calls of a kernel that has no mach_port_space_info, as GNU Mach has none."""

    def __init__(self, calls):
        self.calls = calls
        self.call = self._call

    def _call(self, function, inputs):
        if function == "mach_port_space_info":
            raise NotImplementedError(f"no {function} here")
        return self.calls.call(function, inputs)


def test_the_names_are_read_where_a_control_port_shows_no_whole_space(kernel):
    """The racy way comes last: after the read port, and after a whole look through the control port."""
    busy_task(kernel)
    kernel.kernel.refuse(HOST, TaskFlavor.READ)
    auditor = own_task(kernel)
    auditor.library.calls = WithoutSpaceInfo(auditor.library.calls)

    reading = read_task(auditor, HOST, DOORS["auto"])

    assert isinstance(reading, Reading)
    assert (reading.door.way, reading.door.flavour) == ("names", "control")


def test_a_port_that_was_refused_is_not_asked_for_again(kernel):
    """One refusal of a control port is enough: who watches the log sees no second question."""
    busy_task(kernel)
    kernel.kernel.refuse(HOST, *TaskFlavor)
    auditor = own_task(kernel)

    read_task(auditor, HOST, DOORS["auto"])

    assert (auditor.counts["task_read_for_pid"], auditor.counts["task_for_pid"]) == (1, 1)


def test_a_task_that_refuses_everything_is_a_refusal_with_every_answer(kernel):
    """No door opened: each attempt stands there with what the kernel said."""
    busy_task(kernel)
    kernel.kernel.refuse(HOST, *TaskFlavor)

    refusal = read_task(own_task(kernel), HOST, DOORS["auto"])

    assert isinstance(refusal, Refusal)
    assert [(door.way, door.flavour, answer) for door, answer in refusal.attempts] == [
        ("space-info", "read", "task_read_for_pid: Operation not permitted (EPERM)"),
        ("space-info", "control", "task_for_pid answered KERN_FAILURE (5)"),
    ]


def test_a_task_reads_itself_without_asking_for_a_port(kernel):
    """One's own port needs no call and no permission."""
    auditor = own_task(kernel)

    reading = read_task(auditor, os.getpid(), SELF_DOORS["auto"])

    assert isinstance(reading, Reading)
    assert (reading.door.flavour, auditor.counts["task_read_for_pid"]) == ("self", 0)


def footprint(mach):
    return shape(read_names(mach, mach.task_self))


@pytest.mark.whole
@pytest.mark.parametrize("way", ["auto", "space-info", "names"])
def test_a_thousand_snapshots_leave_nothing_behind(kernel, way):
    """After 1,000 snapshots the auditor's names, references and borrowed memory are what they were."""
    busy_task(kernel)
    auditor = own_task(kernel)
    targets = [Target(Process(HOST)), Target(Process(os.getpid()))]
    before = footprint(auditor)

    for _ in range(1000):
        for target in targets:
            own = target.process.pid == os.getpid()
            assert isinstance(
                read_task(auditor, target.process.pid or 0, (SELF_DOORS if own else DOORS)[way]), Reading
            )

    assert footprint(auditor) == before
    assert kernel.lent() == 0


def test_a_refused_reading_leaves_nothing_behind(kernel):
    """Refusals and deaths on the way take nothing."""
    busy_task(kernel)
    kernel.kernel.refuse(HOST, *TaskFlavor)
    auditor = own_task(kernel)
    before = footprint(auditor)

    for _ in range(20):
        read_task(auditor, HOST, DOORS["auto"])

    assert (footprint(auditor), kernel.lent()) == (before, 0)


def test_a_task_that_dies_while_its_port_is_held_gives_back_all_the_same(kernel):
    """The right to a task that died meanwhile is a dead name, and goes back too."""
    busy_task(kernel)
    auditor = own_task(kernel)
    before = footprint(auditor)

    with task_port(auditor, "task_read_for_pid", HOST):
        kernel.kernel.exit(HOST)

    assert footprint(auditor) == before


@pytest.fixture
def garbage():
    """What waits for Python's garbage collector from here on."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()


@pytest.mark.parametrize("way", DOORS)
def test_a_reading_keeps_no_memory(kernel, way, garbage):
    """A kernel's memory is gone at the end of a reading; no array waits for the collector."""
    auditor = own_task(kernel)
    busy_task(kernel)

    read_task(auditor, HOST, DOORS[way])
    gc.collect()

    assert [item for item in garbage if isinstance(item, ctypes.Array)] == []


def test_readings_that_differ_are_taken_five_times_at_least(kernel, monkeypatch):
    """A busy machine spends the time with one reading: five of them are compared all the same."""
    auditor = own_task(kernel)
    readings = []

    def busy(*wanted):
        readings.append(new_port(auditor))
        return read_task(*wanted)

    monkeypatch.setattr(taking, "read_task", busy)
    settled = read_settled(auditor, [Target(identify(os.getpid()))], "auto", 1e-9, str)

    assert (settled.settled, len(readings)) == (False, 5)


def test_a_pid_that_dies_between_two_readings_is_not_read(kernel):
    """A process that exits while it is read is said to have exited, not empty."""
    auditor = own_task(kernel)
    gone = Target(Process(HOST, 1.0, "Gone"), "host")

    outcome = read_settled(auditor, [gone], "auto", 0, lambda _refusal: "no way in")

    (task,) = outcome.tasks
    assert task.entries is None
    assert task.not_read is not None
    assert task.not_read.reason == f"process {HOST} exited while it was read"


@pytest.mark.parametrize("way", ["space-info", "names"])
def test_ctrl_c_in_the_midst_of_an_answer_is_not_lost(kernel, monkeypatch, way):
    """An interrupt that comes while the kernel answers ends the audit once all was given back."""
    busy_task(kernel)
    auditor = own_task(kernel)
    before = footprint(auditor)
    calls = auditor.library.calls
    answer = calls.call

    def interrupted(function, inputs):
        signal.raise_signal(signal.SIGINT)
        return answer(function, inputs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(calls, "call", interrupted)
        read_settled(auditor, [Target(Process(HOST, 1.0, "Host"))], way, 0, str)

    assert (footprint(auditor), kernel.lent(), auditor.library.faults) == (before, 0, [])


class Nonsense:
    """A kernel that answers what no Mach kernel answers."""

    def __init__(self, reply):
        self.reply = reply

    def call(self, _function, _inputs):
        return self.reply


@pytest.mark.parametrize(
    "reply",
    [Reply(0, (b"x" * 24, 7, b"")), Reply(0, (1,)), Reply(0, (b"", b"", b"", 5))],
)
def test_a_kernel_that_answers_nonsense_is_refused(reply):
    """Answers of the wrong kind or number end the reading with a sentence."""
    mach = Mach(Callbacks(Nonsense(reply), 0x103), "simulated")

    with pytest.raises(KernelNonsense):
        read_space(mach, 0x103)
