"""What always holds: whatever processes do, rights are conserved and spaces stay whole."""

import struct

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from portaudit.errors import KernelNonsense
from portaudit.mach.constants import MsgOption, MsgType, Notification, PortRight, PortType
from portaudit.mach.messages import Descriptor, Message, PortDescriptor, PortsDescriptor, pack
from portaudit.simulator.c_api import ProcessKilledError, TaskCalls, WouldBlockError
from portaudit.simulator.kernel import Kernel
from tests.contract.iokit import matching
from tests.leaving import examples
from tests.simulator.conservation import Census, check_space

PIDS = (100, 101, 102)
PLATFORM = 102
WITHOUT_WAITING = MsgOption.SEND_TIMEOUT | MsgOption.RCV_TIMEOUT
DISPOSITIONS = st.sampled_from([*range(16, 22), 0, 22])
RIGHTS = st.sampled_from(list(PortRight))
DELTAS = st.sampled_from([-65535, -2, -1, 0, 1, 2, 65534, 65535])
KINDS = st.sampled_from(list(Notification))
PROCESSES = st.integers(0, len(PIDS) - 1)
PICKS = st.integers(0, 40)
NONE: list[int] = []


class Pair:
    """The same kernel twice: what one answers, the other must answer too."""

    def __init__(self):
        self.kernels = [Kernel(seed=1), Kernel(seed=1)]
        self.calls: list[dict[int, TaskCalls]] = [{}, {}]
        for kernel, calls in zip(self.kernels, self.calls, strict=True):
            for pid in PIDS:
                parent = PIDS[0] if pid != PIDS[0] else None
                task = kernel.create_task(pid, platform=pid == PLATFORM, parent=parent)
                calls[pid] = TaskCalls(kernel, task)

    def call(self, pid, function, inputs):
        answers = [_answer(calls[pid], function, inputs) for calls in self.calls]
        assert answers[0] == answers[1]
        return answers[0]


def _answer(calls, function, inputs):
    try:
        return calls.call(function, inputs)
    except (ProcessKilledError, WouldBlockError, NotImplementedError, KernelNonsense) as ended:
        return repr(ended)


class Processes(RuleBasedStateMachine):
    """Three processes, one of them platform, that do anything to each other."""

    @initialize()
    def start(self):
        self.pair = Pair()
        self.kernel = self.pair.kernels[0]
        self.seen = set()
        for pid in PIDS[1:]:
            self.pair.call(PIDS[0], "task_for_pid", (0x103, pid))
            self.pair.call(pid, "task_for_pid", (0x103, PIDS[0]))
        for pid in PIDS:
            (port,) = self.pair.call(pid, "mach_port_allocate", (0x103, PortRight.RECEIVE)).outputs
            self.pair.call(pid, "mach_port_insert_right", (0x103, port, port, MsgType.MAKE_SEND))
            for task in (0x303, 0x403) if pid == PIDS[0] else (0x303,):
                self.pair.call(
                    pid, "mach_port_insert_right", (task, 0x5503 + pid * 256, port, MsgType.MAKE_SEND)
                )

    def name(self, process, pick):
        """One of a process's names, or one that is none."""
        task = self.kernel.tasks.get(PIDS[process])
        names = [entry.name for entry in task.space.names()] if task is not None else []
        return [*names, 0, 0xFFFFFFFF, 0x7FFF03, 0x1603][pick % (len(names) + 4)]

    def do(self, process, function, *inputs):
        return self.pair.call(PIDS[process], function, inputs)

    def on(self, process, pick):
        """Mostly itself, else another task that it has a port of: calls to anything else are fatal."""
        task = self.kernel.tasks.get(PIDS[process])
        names = [0x103]
        if task is not None:
            names += [entry.name for entry in task.space.names() if entry.port and entry.port.is_kobject]
        return 0x103 if pick % 3 else names[pick // 3 % len(names)]

    @rule(process=PROCESSES, pick=PICKS, kind=st.sampled_from([1, 3, 4]))
    def allocate(self, process, pick, kind):
        self.do(process, "mach_port_allocate", self.on(process, pick), kind)

    @rule(process=PROCESSES, flavor=st.sampled_from(["read", "inspect", "name"]), other=PROCESSES)
    def get_task_port(self, process, flavor, other):
        self.do(process, f"task_{flavor}_for_pid", 0x103, PIDS[other])

    @rule(process=PROCESSES, trap=st.sampled_from(["mach_task_self", "mach_thread_self", "mach_host_self"]))
    def self_trap(self, process, trap):
        self.do(process, trap)

    @rule(
        process=PROCESSES,
        pick=PICKS,
        which=PICKS,
        call=st.sampled_from(["deallocate", "destroy", "type", "kobject", "get_set_status"]),
    )
    def use_a_name(self, process, pick, which, call):
        self.do(process, f"mach_port_{call}", self.on(process, pick), self.name(process, which))

    @rule(process=PROCESSES, pick=PICKS, which=PICKS, right=RIGHTS, delta=DELTAS)
    def mod_refs(self, process, pick, which, right, delta):
        self.do(
            process, "mach_port_mod_refs", self.on(process, pick), self.name(process, which), right, delta
        )

    @rule(process=PROCESSES, pick=PICKS, which=PICKS, new=PICKS, disposition=DISPOSITIONS)
    def insert(self, process, pick, which, new, disposition):
        inputs = (self.name(process, new), self.name(process, which), disposition)
        self.do(process, "mach_port_insert_right", self.on(process, pick), *inputs)

    @rule(process=PROCESSES, pick=PICKS, which=PICKS, disposition=DISPOSITIONS)
    def extract(self, process, pick, which, disposition):
        self.do(
            process, "mach_port_extract_right", self.on(process, pick), self.name(process, which), disposition
        )

    @rule(process=PROCESSES, which=PICKS, kind=KINDS, sync=st.integers(0, 2), notify=PICKS)
    def request(self, process, which, kind, sync, notify):
        inputs = (self.name(process, which), kind, sync, self.name(process, notify), MsgType.MAKE_SEND_ONCE)
        self.do(process, "mach_port_request_notification", 0x103, *inputs)

    @rule(process=PROCESSES, which=PICKS, into=PICKS, call=st.sampled_from(["insert", "extract", "move"]))
    def use_a_set(self, process, which, into, call):
        inputs = (self.name(process, which), self.name(process, into))
        self.do(process, f"mach_port_{call}_member", 0x103, *inputs)

    @rule(process=PROCESSES, which=PICKS, delta=st.integers(-3, 1))
    def destruct(self, process, which, delta):
        self.do(process, "mach_port_destruct", 0x103, self.name(process, which), delta, 0)

    @rule(process=PROCESSES, which=st.lists(PICKS, max_size=3))
    def register(self, process, which):
        self.do(process, "mach_ports_register", 0x103, [self.name(process, pick) for pick in which])

    @rule(
        process=PROCESSES,
        dest=PICKS,
        how=st.sampled_from([17, 18, 19, 20, 21]),
        local=st.tuples(PICKS, DISPOSITIONS) | st.none(),
        rights=st.lists(st.tuples(PICKS, DISPOSITIONS), max_size=3),
        array=st.booleans(),
    )
    def send(self, process, dest, how, local, rights, array):
        names = tuple(self.name(process, pick) for pick, _ in rights)
        kinds = [kind for _, kind in rights]
        descriptors: tuple[Descriptor, ...] = tuple(map(PortDescriptor, names, kinds))
        if array and rights:
            descriptors = (PortsDescriptor(names, kinds[0]),)
        name, kind = (self.name(process, local[0]), local[1]) if local else (0, 0)
        data = pack(Message(self.name(process, dest), how, name, kind, 7, descriptors))
        self.do(process, "mach_msg", data, MsgOption.SEND_MSG | WITHOUT_WAITING, len(data), 0, 0, 0, 0)

    @rule(process=PROCESSES, which=PICKS, limit=st.sampled_from([4096, 40]))
    def receive(self, process, which, limit):
        option = MsgOption.RCV_MSG | WITHOUT_WAITING
        self.do(process, "mach_msg", None, option, 0, limit, self.name(process, which), 0, 0)

    def kernel_object(self, process, pick):
        """One of a process's names of kernel objects, mostly; a call to anything else is fatal."""
        task = self.kernel.tasks.get(PIDS[process])
        entries = task.space.names() if task is not None else []
        names = [entry.name for entry in entries if entry.port and entry.port.is_kobject]
        return [*names, 0x1603][pick % (len(names) + 1)]

    @rule(process=PROCESSES, pick=PICKS, policy=st.integers(0, 2), value=st.integers(-1, 1))
    def make_a_semaphore(self, process, pick, policy, value):
        self.do(process, "semaphore_create", self.on(process, pick), policy, value)

    @rule(process=PROCESSES, pick=PICKS, which=PICKS)
    def destroy_a_semaphore(self, process, pick, which):
        self.do(process, "semaphore_destroy", self.on(process, pick), self.name(process, which))

    @rule(process=PROCESSES, parent=PICKS, size=st.integers(0, 1), descriptor=st.integers(1, 3))
    def make_memory_and_file_ports(self, process, parent, size, descriptor):
        inputs = (size, 0, 0x020003, self.name(process, parent))
        self.do(process, "mach_make_memory_entry_64", 0x103, *inputs)
        self.do(process, "fileport_makeport", descriptor)

    @rule(process=PROCESSES, clock=st.integers(0, 2), data=st.binary(max_size=1), which=PICKS)
    def ask_the_host(self, process, clock, data, which):
        (host,) = self.do(process, "mach_host_self").outputs
        self.do(process, "host_get_clock_service", host, clock)
        stored = struct.pack("<IIII", 7, 211, 0, len(data)) + data
        copied = struct.pack("<IIII", 0xFFFFFFFF, 1, self.name(process, which), 0)
        self.do(process, "host_create_mach_voucher", host, list(stored))
        self.do(process, "host_create_mach_voucher", host, list(copied))

    def found(self, process, function, *inputs):
        """Call, and give the name that came; 0 if none did."""
        reply = self.do(process, function, *inputs)
        outputs = getattr(reply, "outputs", ())
        return outputs[-1] if outputs else 0

    @rule(process=PROCESSES, name=st.sampled_from(["IOUSBHostDevice", "IOSurfaceRoot", "None"]), wake=PICKS)
    def search_the_registry(self, process, name, wake):
        host = self.found(process, "mach_host_self")
        main_port = self.found(process, "host_get_io_master", host)
        if not main_port:
            return
        wanted = list(matching(name)[0].raw)
        service = self.found(process, "io_service_get_matching_service_bin", main_port, wanted)
        iterator = self.found(process, "io_service_get_matching_services_bin", main_port, wanted)
        notified = (b"IOServiceFirstMatch", wanted, self.receive_right(process, wake), NONE)
        self.found(process, "io_service_add_notification_bin", main_port, *notified)
        if service and iterator:
            self.do(process, "io_service_open_extended", service, 0x103, 0, 0, NONE)
            self.do(process, "io_iterator_next", iterator)

    def receive_right(self, process, pick):
        """One of a process's receive rights, or any name."""
        task = self.kernel.tasks.get(PIDS[process])
        entries = task.space.names() if task is not None else []
        names = [entry.name for entry in entries if entry.type & PortType.RECEIVE]
        return names[pick % len(names)] if names else self.name(process, pick)

    @rule(process=PROCESSES, which=PICKS, owner=PICKS, call=st.sampled_from(["next", "open", "close"]))
    def use_an_iokit_object(self, process, which, owner, call):
        name = self.kernel_object(process, which)
        if call == "next":
            self.do(process, "io_iterator_next", name)
        elif call == "close":
            self.do(process, "io_service_close", name)
        else:
            self.do(process, "io_service_open_extended", name, self.on(process, owner), 0, 0, NONE)

    @rule(process=PROCESSES, reap=st.booleans(), really=st.integers(0, 5))
    def end(self, process, reap, really):
        if really or PIDS[process] not in self.kernel.tasks:
            return
        for kernel in self.pair.kernels:
            if kernel.task(PIDS[process]).active:
                kernel.terminate(PIDS[process])
            if reap:
                kernel.reap(PIDS[process])

    @invariant()
    def references_are_conserved(self):
        """For every port, the entries and messages that hold it agree with its counts."""
        if hasattr(self, "pair"):
            census = Census(self.kernel)
            census.check()
            self.seen |= census.ports

    @invariant()
    def spaces_are_whole(self):
        """No sequence of calls breaks a space."""
        if hasattr(self, "pair"):
            for task in self.kernel.tasks.values():
                check_space(task.space)

    def teardown(self):
        """Exit releases everything: no port is left but the machine's, with the kernel's own rights."""
        if not hasattr(self, "pair"):
            return
        for pid in list(self.kernel.tasks):
            self.kernel.exit(pid)
        host = self.kernel.host
        machine = {host.port, host.main_device, *host.clocks.values()}
        assert {port for port in self.seen if port.active} <= machine
        assert not host.vouchers
        assert self.kernel.host.port.srights == 2


TestProcesses = Processes.TestCase
TestProcesses.settings = settings(examples(60), stateful_step_count=60)
