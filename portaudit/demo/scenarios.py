"""What can be played: what host and extension do at each transfer, and the verdict planted in it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.mach.constants import MsgType
from portaudit.model.way import GNUMACH

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.mach.library import Mach

TRANSFERS = 3


def release(mach: Mach, port: int, _number: int) -> None:
    """Give the received reference back: what a good extension does."""
    mach.mach_port_deallocate(mach.task_self, port)


def keep(_mach: Mach, _port: int, _number: int) -> None:
    """Do nothing: the reference stays."""


def keep_first(mach: Mach, port: int, number: int) -> None:
    """Keep the first reference, give the others back."""
    if number > 1:
        release(mach, port, number)


def forget_second(mach: Mach, port: int, number: int) -> None:
    """Return early at the second transfer, as an error path does."""
    if number != 2:  # noqa: PLR2004  the second of several
        release(mach, port, number)


def forget_third(mach: Mach, port: int, number: int) -> None:
    """Return early at every third transfer, as an error path does."""
    if number % 3:
        release(mach, port, number)


def release_twice(mach: Mach, port: int, number: int) -> None:
    """Give back twice; where the name is gone already, the kernel answers KERN_INVALID_NAME."""
    from portaudit.mach.library import KernError

    release(mach, port, number)
    with suppress(KernError):
        release(mach, port, number)


def take_thread(mach: Mach, port: int, number: int) -> None:
    """Ask for the own thread at each transfer, and forget it."""
    mach.mach_thread_self()
    release(mach, port, number)


def take_host(mach: Mach, port: int, number: int) -> None:
    """Ask for the host port at each transfer, and forget it."""
    mach.mach_host_self()
    release(mach, port, number)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One play."""

    name: str
    summary: str
    extension: Callable[[Mach, int, int], None] = release
    """What the extension does with each received port: (mach, name, number of the transfer)."""
    disposition: MsgType = MsgType.COPY_SEND
    """How the host sends its task port."""
    held_before: int = 0
    """References to the host's task port that the extension holds before the first snapshot."""
    taken_before: int = 0
    """References to its own port that the host takes before the first snapshot."""
    host_exits: bool = False
    """Whether the host exits before the second snapshot."""
    expect: tuple[str, ...] = ()
    balanced: bool = False
    """Whether nothing is to be found."""
    residuals: dict[tuple[str, str | None], int] = field(default_factory=dict)
    """The planted verdict: (role, kind) -> residual."""
    holds_thread: bool = False
    """Whether the extension holds its thread's port before the first snapshot, as a Mac's process does."""
    guard_events: int = 0
    """Over-releases that the kernel notices."""
    rounds: int = 0
    """Transfers with a snapshot after each, judged as a series; 0: two snapshots around all of them."""

    def obstacle(self, kernel: str) -> str | None:
        """Say why a kind of kernel cannot play this; None if it can."""
        if kernel == GNUMACH and {kind for _, kind in self.residuals} & UNTOLD:
            return "GNU Mach does not tell what is behind a port, so it is a right like any other"
        return None


UNTOLD = frozenset({"THREAD-CONTROL", "HOST"})
"""Kinds that are judged by what the kernel says of a port; whose task port it is is known by its object."""

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "clean",
            "the extension borrows the right and gives it back",
            balanced=True,
        ),
        Scenario(
            "keep",
            "the extension keeps one reference, and says so",
            keep_first,
            expect=("extension: task-control of host +1",),
            balanced=True,
        ),
        Scenario(
            "leak",
            "the extension never releases",
            keep,
            residuals={("extension", "TASK-CONTROL"): TRANSFERS},
        ),
        Scenario(
            "leak-once",
            "one early return among the transfers",
            forget_second,
            residuals={("extension", "TASK-CONTROL"): 1},
        ),
        Scenario(
            "double-free",
            "the extension releases twice and eats references that it held before",
            release_twice,
            held_before=TRANSFERS + 1,
            residuals={("extension", "TASK-CONTROL"): -TRANSFERS},
        ),
        Scenario(
            "silent-double-free",
            "the second release hits a name that is gone: no trace in the tables",
            release_twice,
            guard_events=TRANSFERS,
        ),
        Scenario(
            "moved",
            "the host moves the right where it meant to copy it",
            disposition=MsgType.MOVE_SEND,
            taken_before=TRANSFERS + 1,
            residuals={("host", "TASK-CONTROL"): -TRANSFERS},
        ),
        Scenario(
            "dead-name",
            "the host exits while the extension still holds its right",
            keep,
            held_before=1,
            host_exits=True,
            residuals={("extension", "DEAD-NAME"): TRANSFERS + 1},
        ),
        Scenario(
            "thread-self",
            "mach_thread_self() at each transfer, never released",
            take_thread,
            holds_thread=True,
            residuals={("extension", "THREAD-CONTROL"): TRANSFERS},
        ),
        Scenario(
            "host-self",
            "mach_host_self() at each transfer, never released",
            take_host,
            residuals={("extension", "HOST"): TRANSFERS},
        ),
        Scenario(
            "cache",
            "the extension keeps the first reference for good: a series tells it from a leak",
            keep_first,
            balanced=True,
            rounds=6,
        ),
        Scenario(
            "every-third",
            "an error path keeps a reference at every third transfer: a series gives the rate",
            forget_third,
            residuals={("extension", "TASK-CONTROL"): 2},
            rounds=6,
        ),
    )
}
