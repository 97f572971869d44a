"""What the program counted: the references of the port at each step of each round."""

from collections.abc import Sequence
from dataclasses import dataclass

from portaudit.errors import NotReadable

HOST, EXTENSION = "host", "extension"
STEPS = (
    (HOST, "before", "before"),
    (HOST, "set", "xpc_dictionary_set_mach_send"),
    (EXTENSION, "received", "the dictionary received"),
    (EXTENSION, "copied", "xpc_dictionary_copy_mach_send"),
    (EXTENSION, "deallocated", "mach_port_deallocate"),
    (HOST, "sent", "answered"),
    (HOST, "gone", "xpc_release of the dictionary"),
    (EXTENSION, "gone", "the received dictionary gone"),
)
"""Who, the program's word, and ours; in the order in which they happen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the program: in this round, after this step, the name had so many references."""

    round: int
    who: str
    step: str
    references: int


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether a call takes references of its own, as the counts show; None where they were not counted."""

    by_set: int | None
    """References that xpc_dictionary_set_mach_send added to the sender's name."""
    by_receiving: int | None
    """References that the receiver's name had gained before anything was copied from the dictionary."""
    by_copy: int | None
    """References that xpc_dictionary_copy_mach_send added."""


def read_steps(text: str) -> tuple[Step, ...]:
    """Read the program's lines. Raises NotReadable, quoting it, for a line that is none."""
    return tuple(_read_step(line) for line in text.splitlines())


def _read_step(line: str) -> Step:
    known = {(who, word) for who, word, _ in STEPS}
    match line.split(" "):
        case [number, who, word, count] if number.isdecimal() and count.isdecimal() and (who, word) in known:
            return Step(int(number), who, word, int(count))
    raise NotReadable(f"the program that plays the transfer wrote {line!r:.80}, which is no step")


def last_round(steps: Sequence[Step]) -> dict[tuple[str, str], int]:
    """Give the counts of the last round: (who, word) -> references."""
    last = max((step.round for step in steps), default=0)
    return {(step.who, step.step): step.references for step in steps if step.round == last}


def holding(steps: Sequence[Step], *, one_process: bool) -> Holding:
    """Say which calls took references, in the last round.

    In one process both halves count the same name, and the sender's dictionary is still there when its copy
    is received; over two the receiver had what the dictionary of the round before left behind.
    """
    last = max((step.round for step in steps), default=0)
    counts = {(step.round, step.who, step.step): step.references for step in steps}

    def gained(until: tuple[str, str], since: tuple[str, str], earlier: int = 0) -> int | None:
        after, before = counts.get((last, *until)), counts.get((last - earlier, *since))
        return after - before if after is not None and before is not None else None

    received = (EXTENSION, "received")
    return Holding(
        by_set=gained((HOST, "set"), (HOST, "before")),
        by_receiving=gained(received, (HOST, "set"))
        if one_process
        else gained(received, (EXTENSION, "gone"), 1),
        by_copy=gained((EXTENSION, "copied"), received),
    )
