"""Random operations on tasks of a live GNU Mach and of the simulator, compared after every step.

    python -m tests.gnumach.fuzz OPERATIONS [SEED]

Every return code, and every space: each name with its type and user references, names translated. What the
two systems do differently by design stands in differences.py, and is either expected there or not played.
"""

import collections
import random
import sys
import time
from collections.abc import Iterator

from portaudit.gnumach.kernel import Kernel as LiveKernel
from portaudit.mach.calls import Reply
from portaudit.simulator.c_api import TaskCalls as SimulatedCalls
from portaudit.simulator.kernel import Kernel as SimulatedKernel
from tests.gnumach.choice import Choice
from tests.gnumach.differences import codes_agree
from tests.gnumach.operations import Name, Operation
from tests.gnumach.twins import DisagreementError, Twin

FIRST_PID = 501
TASKS = 3


class Pair:
    """Both kernels, with the same tasks in them."""

    def __init__(self, live: LiveKernel, seed: int) -> None:
        self.live = live
        self.simulated = SimulatedKernel(seed)
        self.twins: list[Twin] = []
        self.answers: collections.Counter[tuple[str, int]] = collections.Counter()

    def add_task(self, pid: int) -> None:
        """Make a task in both, which gets the others' task ports and gives them its own."""
        live = self.live.create_task(pid)
        simulated = SimulatedCalls(self.simulated, self.simulated.create_task(pid))
        new = Twin(pid, live, simulated)
        self.twins.append(new)
        for twin in self.twins[:-1]:
            self.introduce(twin, new)
            self.introduce(new, twin)
        self.compare()

    def introduce(self, twin: Twin, other: Twin) -> None:
        """Give a task the other's task port."""
        own = Name(twin, twin.task_ports[twin.pid])
        reply = self.step(Operation(twin, twin, "task_for_pid", (own, other.pid)))
        assert isinstance(reply.outputs[0], int)
        twin.task_ports[other.pid] = reply.outputs[0]

    def end_task(self, twin: Twin) -> None:
        """End a task in both; those who hold its port hold a dead name.

        Its names go one by one before: in which order a dying space gives its rights back is each system's
        own, and so is the order of the notifications.
        """
        own = Name(twin, twin.task_ports[twin.pid])
        for name in sorted(twin.space.keys() - twin.task_ports.values()):
            self.step(Operation(twin, twin, "mach_port_destroy", (own, Name(twin, name))))
        self.twins.remove(twin)
        self.live.terminate(twin.pid)
        self.simulated.exit(twin.pid)
        for other in self.twins:
            del other.task_ports[twin.pid]
        self.compare()

    def step(self, operation: Operation) -> Reply:
        """Play one operation in both kernels and compare them; gives the simulator's answer."""
        simulated, live = operation.play()
        if not codes_agree(operation, simulated.code, live.code):
            raise DisagreementError(f"the simulator answers {simulated}, GNU Mach {live}")
        for twin, one, other in operation.pairs(simulated, live):
            twin.pair(one, other)
        try:
            self.compare()
        except DisagreementError as error:
            raise DisagreementError(f"{error}\nafter {simulated}\nand   {live}") from error
        self.answers[operation.function, live.code] += 1
        return simulated

    def compare(self) -> None:
        """Compare every space."""
        live = self.live.spaces()
        for twin in self.twins:
            twin.look(live[twin.pid])
            twin.compare()


def fuzz(live: LiveKernel, operations: int, seed: int) -> Pair:
    """Play so many random operations; raises DisagreementError with the step and the operation."""
    pair = Pair(live, seed)
    chooser = Choice(random.Random(seed))  # noqa: S311  repeatable, not secret
    pids = iter(range(FIRST_PID, sys.maxsize))
    try:
        for _ in range(TASKS):
            pair.add_task(next(pids))
        for step in range(operations):
            _play_one(pair, chooser, pids, f"seed {seed}, step {step}")
        for twin in list(pair.twins):
            pair.end_task(twin)
    finally:
        for twin in pair.twins:
            live.terminate(twin.pid)
    return pair


def _play_one(pair: Pair, chooser: Choice, pids: Iterator[int], where: str) -> None:
    told = "a task ends"
    try:
        if chooser.ends_a_task():
            pair.end_task(chooser.victim(pair.twins))
            pair.add_task(next(pids))
        operation = chooser.operation(pair.twins)
        told = str(operation)
        pair.step(operation)
    except DisagreementError as error:
        raise DisagreementError(f"{where}, {told}\n{error}") from error


def main(operations: int, seed: int) -> None:
    """Play, and tell what was played."""
    with LiveKernel(lambda what: sys.stderr.write(f"{what}\n")) as live:
        start = time.monotonic()
        pair = fuzz(live, operations, seed)
        took = time.monotonic() - start
        for (function, code), times in sorted(pair.answers.items()):
            sys.stdout.write(f"{times:7} {function} -> {code & 0xFFFFFFFF:#x}\n")
        sys.stdout.write(
            f"{operations} operations, seed {seed}: the simulator and GNU Mach agree ({took:.1f} s)\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30))  # noqa: S311
