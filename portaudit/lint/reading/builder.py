"""Builds the graph of one function while its statements are read in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.lint.facts import of_the_system
from portaudit.lint.program import (
    NOTHING,
    Assign,
    Call,
    Const,
    Expression,
    Kind,
    Not,
    Place,
    Span,
    Step,
    every,
)

if TYPE_CHECKING:
    from collections.abc import Callable

End = tuple[int, int]
"""A step whose successor of this number is not known yet."""


STEPS_MAX = 50_000
"""No function written by hand has nearly as many."""


@dataclass(slots=True)
class Frame:
    """What surrounds a statement: a loop or switch to leave, or something that runs on the way out."""

    breaks: list[End] | None = None
    again: int | None = None
    """The step that `continue` goes to."""
    label: str = ""
    at_exit: Callable[[], None] | None = None
    """Reads once more what runs on the way out: a defer, a finally."""
    handler: int | None = None
    """The step that an error goes to."""


@dataclass(slots=True)
class Builder:
    """The steps so far, and the loose ends that the next step is tied to."""

    steps: list[Step] = field(default_factory=list)
    loose: list[End] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    loops: list[range] = field(default_factory=list)
    calls_throw: bool = False
    """Whether a call may end in the handler around it without a word, as in C++ and Objective-C."""

    def add(self, kind: Kind, expression: Expression, span: Span) -> int:
        """Add a step after the loose ends; it is the only loose end then.

        Raises RecursionError where what runs on each way out, and has ways out itself, makes too many.
        """
        number = len(self.steps)
        if number > STEPS_MAX:
            raise RecursionError("what runs on the way out multiplies")
        self.steps.append(Step(kind, expression, span))
        self.tie(number)
        self.loose = [(number, 0)]
        return number

    def tie(self, number: int) -> None:
        """Let all loose ends lead to this step."""
        for step, slot in self.loose:
            to = self.steps[step].to
            to.extend([-1] * (slot + 1 - len(to)))
            to[slot] = number
        self.loose = []

    def do(self, expression: Expression, span: Span) -> None:
        """Add an evaluation, unless there is nothing in it."""
        if not isinstance(expression, Const):
            self._throw_from(expression, span)
            self.add(Kind.DO, expression, span)

    def attempt(self, span: Span) -> None:
        """Let the path part here: an error goes to the handler around, or out."""
        if not self.loose:
            return
        fork = self.fork(span)
        self.loose = self.way(fork)
        self.leave(Kind.THROW, NOTHING, span)
        self.loose = self.way(fork)

    def _throw_from(self, expression: Expression, span: Span) -> None:
        if not self.calls_throw or all(frame.handler is None for frame in self.frames):
            return
        if any(isinstance(part, Call) and not of_the_system(part.name) for part in every(expression)):
            self.attempt(span)

    def test(self, expression: Expression, span: Span) -> tuple[list[End], list[End]]:
        """Add a test; give the ends where it is true and where it is false."""
        if isinstance(expression, Not):
            true, false = self.test(expression.inner, span)
            return false, true
        self._throw_from(expression, span)
        number = self.add(Kind.TEST, expression, span)
        self.loose = []
        truth = expression.truth if isinstance(expression, Const) else None
        self.steps[number].to = [-1, -1]
        return [(number, 0)] * (truth is not False), [(number, 1)] * (truth is not True)

    def held(self, expression: Expression, span: Span) -> Expression:
        """Evaluate what is compared more than once, and give the place where it is afterwards."""
        match expression:
            case Assign(target=Place() as place):
                self.do(expression, span)
                return place
            case Call():
                return self._kept(expression, span)
        return expression

    def _kept(self, expression: Expression, span: Span) -> Place:
        place = Place(f"what is evaluated at {span.start}", local=True)
        self.do(Assign(place, expression, span), span)
        return place

    def fork(self, span: Span) -> int:
        """Add a step after the loose ends, with as many successors as will be tied to it."""
        number = self.add(Kind.FORK, NOTHING, span)
        self.loose = []
        return number

    def way(self, fork: int) -> list[End]:
        """Give one more end of a fork."""
        to = self.steps[fork].to
        to.append(-1)
        return [(fork, len(to) - 1)]

    def leave(self, kind: Kind, expression: Expression, span: Span) -> None:
        """End the function here, after what runs on the way out."""
        runs = any(frame.at_exit is not None for frame in self.frames)
        if runs and not isinstance(expression, Const | Place):
            expression = self._kept(expression, span)  # what is returned is there before those run
        if kind is Kind.THROW:
            self.run_exits(lambda frame: frame.handler is not None)
            handler = next((f.handler for f in reversed(self.frames) if f.handler is not None), None)
            if handler is not None:
                self.tie(handler)
                return
        else:
            self.run_exits(lambda _frame: False)
        self.add(kind, expression, span)
        self.loose = []

    def run_exits(self, stop: Callable[[Frame], bool]) -> None:
        """Read what runs on the way out of the frames, innermost first, as far as the one to stop at."""
        frames = self.frames
        for depth in range(len(frames) - 1, -1, -1):
            if stop(frames[depth]) or not self.loose:
                break
            at_exit = frames[depth].at_exit
            if at_exit is not None:
                self.frames = frames[:depth]
                at_exit()
        self.frames = frames

    def leave_loop(self, label: str = "") -> None:
        """Go behind the innermost loop or switch, or the one of this label."""
        frame = self._target(lambda f: f.breaks is not None and (not label or f.label == label))
        if frame is not None and frame.breaks is not None:
            self.run_exits(lambda f: f is frame)
            frame.breaks += self.loose
        self.loose = []

    def next_round(self, label: str = "") -> None:
        """Go to the head of the innermost loop, or of the one of this label."""
        frame = self._target(lambda f: f.again is not None and (not label or f.label == label))
        if frame is not None and frame.again is not None:
            self.run_exits(lambda f: f is frame)
            self.tie(frame.again)
        self.loose = []

    def _target(self, wanted: Callable[[Frame], bool]) -> Frame | None:
        return next((frame for frame in reversed(self.frames) if wanted(frame)), None)

    def label(self, name: str, span: Span) -> int:
        """Give the step of a label, which a goto may have named before it is reached."""
        if name not in self.labels:
            self.labels[name] = len(self.steps)
            self.steps.append(Step(Kind.MEET, NOTHING, span))
        return self.labels[name]

    def goto(self, name: str, span: Span) -> None:
        """Go to a label."""
        self.tie(self.label(name, span))

    def reach(self, name: str, span: Span) -> None:
        """Put a label here."""
        number = self.label(name, span)
        self.tie(number)
        self.loose = [(number, 0)]

    def finish(self, span: Span) -> list[Step]:
        """End the function where its text ends; a label without a place leads nowhere."""
        if self.loose:
            self.leave(Kind.LEAVE, NOTHING, span)
        return self.steps
