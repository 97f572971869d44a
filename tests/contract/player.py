"""Plays the steps of a recording on the simulator, and says what it answered in the recording's own terms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    MsgType,
    PortRight,
    TaskFlavor,
)
from portaudit.simulator import task_routines
from portaudit.simulator.dispatch import by_message, by_trap, call_kernel
from portaudit.simulator.guard import GuardEvent, RefusalError
from portaudit.simulator.kernel import Kernel
from portaudit.simulator.routines import ROUTINES
from portaudit.simulator.task import Task, reap_task, terminate_task
from tests.contract import answers, mach_msg
from tests.contract.names import RecordedChance, chances
from tests.contract.recording import Recording, Step

FIRST_PID = 1000
BOGUS = 0x7FFF03  # the name that the recording's driver uses for what is no name
WORDS = {"null": MACH_PORT_NULL, "dead": MACH_PORT_DEAD, "bogus": BOGUS}
RIGHTS = {right.name.lower(): right for right in PortRight}
DISPOSITIONS = {disposition.name.lower(): disposition for disposition in MsgType}
FLAVORS = {flavor.name.lower(): flavor for flavor in TaskFlavor}
SELF_TRAPS: dict[str, Callable[[Task], int]] = {
    "self": task_routines.task_self,
    "thread_self": task_routines.thread_self,
    "host_self": task_routines.host_self,
    "reply_port": task_routines.reply_port,
    "special_reply": task_routines.special_reply_port,
}


class NotSimulatedError(Exception):
    """A step that neither the simulator nor this player knows."""


@dataclass
class Outcome:
    """What the simulator answered to one step."""

    result: dict[str, Any]
    guards: list[GuardEvent] = field(default_factory=list)


def _done(ends: Callable[[Task], None], task: Task) -> dict[str, Any]:
    ends(task)
    return {}


class Player:
    """A simulated kernel on which one recording is played.

    `tasks` holds the recording's tasks by label, `variables` the names that its labels stand for, and `moved`
    the names that are others here: (task, XNU's number) -> ours.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.chances = chances(recording)
        self.kernel = Kernel(chance=self._chance)
        self.tasks: dict[str, Task] = {}
        self.variables: dict[str, int] = {}
        self.moved: dict[tuple[str, int], int] = {}
        self._labels: dict[int, str] = {}

    def _chance(self, pid: int) -> RecordedChance:
        return self.chances[self._labels[pid]]

    def label_of(self, task: object) -> str | None:
        """Name a task as the recording does."""
        return next((label for label, ours in self.tasks.items() if ours is task), None)

    def play(self, step: Step) -> Outcome:
        """Play one step. Raises NotSimulatedError, naming the call, for what is not known here."""
        seen = len(self.kernel.guard_events)
        try:
            action = self._action(step)
        except (KeyError, IndexError, ValueError) as error:
            raise NotSimulatedError(f"{step.call} {' '.join(step.args)}") from error
        try:
            result = {"kr": "KERN_SUCCESS", **action()}
        except NotImplementedError as error:
            raise NotSimulatedError(str(error)) from error
        return Outcome(result, self.kernel.guard_events[seen:])

    def _action(self, step: Step) -> Callable[[], dict[str, Any]]:
        """Make the step's call ready; what is wrong in its arguments shows here."""
        special: dict[str, Callable[[Step], Callable[[], dict[str, Any]]]] = {
            "task": self._task,
            "terminate": self._terminate,
            "reap": self._reap,
            "give": self._give,
            "allocmany": self._allocmany,
            "cycle": self._cycle,
            "send": lambda step: mach_msg.send(self, step),
            "recv": lambda step: mach_msg.receive(self, step),
            "rename": self._unknown_to_mig,
            "kernel_object": self._unknown_to_mig,
        }
        if step.call in special:
            return special[step.call](step)
        if step.call in SELF_TRAPS:
            return lambda: self._named(step, step.task, SELF_TRAPS[step.call](self.tasks[step.task]))
        return self._routine(step)

    def _task(self, step: Step) -> Callable[[], dict[str, Any]]:
        pid = FIRST_PID + len(self._labels)
        platform = self.recording.platform or step.option("platform") == "1" or "platform" in step.plain

        def make() -> dict[str, Any]:
            self._labels[pid] = step.task
            self.tasks[step.task] = self.kernel.create_task(pid, platform=platform)
            return {"baseline": answers.baseline(step.task, self.tasks[step.task])}

        return make

    def _terminate(self, step: Step) -> Callable[[], dict[str, Any]]:
        task = self.tasks[step.task]
        return lambda: self.attempt(step, lambda: _done(terminate_task, task))

    def _reap(self, step: Step) -> Callable[[], dict[str, Any]]:
        task = self.tasks[step.task]
        return lambda: _done(reap_task, task)

    def _give(self, step: Step) -> Callable[[], dict[str, Any]]:
        target, flavor = self.tasks[step.plain[0]], FLAVORS[step.plain[1]]
        caller = self.tasks[step.task]
        return lambda: self._named(step, step.task, task_routines.give_task_port(caller, target, flavor))

    def _allocmany(self, step: Step) -> Callable[[], dict[str, Any]]:
        caller, right, count = self.tasks[step.task], self.number(step.plain[0]), int(step.plain[1])

        def allocate() -> dict[str, Any]:
            for _ in range(count):
                by_trap(caller, "mach_port_allocate", (caller.task_self_name, right))
            return {"done": count}

        return lambda: self.attempt(step, allocate)

    def _cycle(self, step: Step) -> Callable[[], dict[str, Any]]:
        """Make and free a name again and again, to see its generations go round."""
        caller, count = self.tasks[step.task], int(step.plain[-1])

        def cycle() -> dict[str, Any]:
            seen = []
            for _ in range(count):
                name = caller.space.claim()
                caller.space.release(name)
                seen.append({"index": name.index, "gen": f"0x{name.generation:02x}"})
            return {"cycle": seen}

        return lambda: self.attempt(step, cycle)

    def _unknown_to_mig(self, step: Step) -> Callable[[], dict[str, Any]]:
        """A call that is gone from the kernel server: the message arrives, and has no routine (R11)."""

        def refuse(_: object) -> tuple[()]:
            raise RefusalError(KernReturn.MIG_BAD_ID)

        dest = self.dest(step)
        return lambda: self.attempt(step, lambda: {"done": call_kernel(self.tasks[step.task], dest, refuse)})

    def _routine(self, step: Step) -> Callable[[], dict[str, Any]]:
        """A call of the tables: by message as the recording's driver made them, by trap with trap=1."""
        asked = answers.ASKED[step.call]
        target = self.target(step)
        inputs = (self.dest(step), *asked.inputs(self, step, target))
        trapped = step.option("trap") == "1" and ROUTINES[asked.function].trap
        way = by_trap if trapped else by_message
        caller = self.tasks[step.task]

        def ask() -> dict[str, Any]:
            outputs = way(caller, asked.function, inputs)
            result = asked.answer(answers.Asker(step.task, target, inputs), outputs)
            if "name" in result:
                self.assign(step, result["name"].number)
            elif "previous" in result:
                self.assign(step, result["previous"].number)
            elif step.call == "insert":
                self.assign(step, inputs[1])
            return result

        return lambda: self.attempt(step, ask)

    def attempt(self, step: Step, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do something on behalf of the step's task; a refusal is its answer."""
        try:
            return self.kernel.attempt(self.tasks[step.task], action)
        except RefusalError as refusal:
            return {"kr": refusal.code.name}

    def _named(self, step: Step, task: str, number: int) -> dict[str, Any]:
        self.assign(step, number)
        return answers.named(task, number)

    def assign(self, step: Step, number: int) -> None:
        """Remember a name under the label that the step gives it; none is no name."""
        if step.assign and number:
            self.variables[step.assign] = number

    def dest(self, step: Step) -> int:
        """The task port that a call goes to: the caller's own, or that of t=."""
        given = step.option("t")
        return self.tasks[step.task].task_self_name if given is None else self.name(given, step.task)

    def target(self, step: Step) -> str:
        """The task that a call is about, by label."""
        if step.option("t") is None:
            return step.task
        entry = self.tasks[step.task].space.find(self.dest(step))
        behind = entry.port.kobject if entry is not None and entry.port is not None else None
        return self.label_of(behind) or step.option("of") or step.task

    def name(self, text: str, task: str) -> int:
        """Read a name in a task's space: a number, $label, or a word."""
        if text == "self":
            return self.tasks[task].task_self_name
        if text.startswith("$"):
            return self.variables.get(text[1:], BOGUS)
        if text in WORDS:
            return WORDS[text]
        number = int(text, 0)
        return self.moved.get((task, number), number)

    @staticmethod
    def number(text: str) -> int:
        """Read a number, or a word that stands for one."""
        for words in (RIGHTS, DISPOSITIONS):
            if text in words:
                return int(words[text])
        return int(text, 0)
