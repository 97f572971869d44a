"""Playing the transfer by XPC itself, on a Mac: counting its references, judging it, and telling it.

A C program, built here, is played in one process and over two. transfer.h holds the transfer, with the
references counted at each step; transfer.c the connections around it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tabulate import tabulate

from portaudit.auditing.files import join, make_folder
from portaudit.auditing.verdict import compare
from portaudit.demo.xpc.launched import SAID, service
from portaudit.errors import NotReadable
from portaudit.model.finding import Report

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


ROUNDS = 3
"""Transfers that are counted, behind one that warms XPC up."""
SECONDS = 60.0
LOOP_BACK, TWO = "in one process, a loop-back over an anonymous listener", "over two processes"


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """A transfer that could not be played there, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Played:
    """The transfer as it was played: where, its steps, and the verdict on the records around it."""

    where: str
    leaks: bool
    steps: tuple[Step, ...]
    report: Report

    @property
    def one_process(self) -> bool:
        """Whether both halves were played by one process."""
        return self.where == LOOP_BACK

    @property
    def kept(self) -> int:
        """How many references to a task port were kept, as the records show."""
        rows = [row for finding in self.report.findings for row in finding.rows]
        return sum(row.residual for row in rows if row.kobject_label == "TASK-CONTROL")

    @property
    def as_planned(self) -> bool:
        """Whether that is what the receiver forgot on purpose."""
        return self.kept == (ROUNDS if self.leaks else 0)


def play_both(program: Path, folder: Path, *, leaks: bool) -> Iterator[Played | NotPlayed]:
    """Play in one process and over two; each play's files go into a folder of its own."""
    for where, name, play in ((LOOP_BACK, "loop-back", play_loop_back), (TWO, "two", play_two)):
        inside = make_folder(folder / f"xpc-{_faults(leaks=leaks)}-{name}")
        (inside / "steps").unlink(missing_ok=True)
        try:
            yield play(program, inside, leaks=leaks)
        except NotReadable as obstacle:
            yield NotPlayed(where, str(obstacle))


def play_loop_back(program: Path, folder: Path, *, leaks: bool) -> Played:
    """Let one process hand its task port to itself. Raises NotReadable if it cannot be played to its end."""
    _run([str(program), "loop-back", str(folder), str(ROUNDS), _faults(leaks=leaks)])
    return _played(LOOP_BACK, folder, (HOST,), leaks=leaks)


def play_two(program: Path, folder: Path, *, leaks: bool) -> Played:
    """Let one process hand its task port to another, which launchd starts. Raises NotReadable as above.

    They play in a temporary folder: a job of launchd's starts at the root of the disk, and may not write
    wherever its user may (Documents, say).
    """
    label = f"portaudit.demo.xpc.{os.getpid()}.{_faults(leaks=leaks)}"
    with TemporaryDirectory(prefix="portaudit-") as made:
        stage = Path(made).resolve()
        player = str(shutil.copy2(program, stage / "transfer"))
        extension = [player, "extension", label, str(stage), str(ROUNDS), _faults(leaks=leaks)]
        with service(extension, label, stage):
            _run([player, "host", label, str(stage), str(ROUNDS)], stage / SAID)
        for file in (*stage.glob("*.json"), *stage.glob("steps")):
            shutil.copy2(file, folder)
    return _played(TWO, folder, (HOST, EXTENSION), leaks=leaks)


def _faults(*, leaks: bool) -> str:
    return "leak" if leaks else "clean"


def _run(command: Sequence[str], beside: Path | None = None) -> None:
    """Run a half to its end; `beside` is where the other half's complaints are."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  built here
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotReadable(f"the transfer by XPC could not be played: {error}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode} and said nothing"]
        if beside is not None and beside.exists():
            said[1:] = beside.read_text(errors="replace").strip().splitlines()[-1:]
        raise NotReadable(f"the transfer by XPC could not be played to its end: {'; '.join(said[:2])}")


def _played(where: str, folder: Path, roles: Sequence[str], *, leaks: bool) -> Played:
    try:
        steps = read_steps((folder / "steps").read_text())
    except OSError as error:
        raise NotReadable(f"the program that plays the transfer left no steps: {error}") from error
    before, after = (
        join({role: str(folder / f"{role}-{moment}.json") for role in roles}, label=moment)
        for moment in ("before", "after")
    )
    return Played(where, leaks, steps, compare(before, after))


QUESTIONS = (
    ("by_set", "xpc_dictionary_set_mach_send takes a reference while the dictionary lives"),
    ("by_receiving", "the received dictionary has a reference of its own"),
    ("by_copy", "xpc_dictionary_copy_mach_send adds a reference, which the caller gives back"),
)


def step_lines(played: Played) -> Iterator[str]:
    """Say how many references the name had after each step of the last round."""
    counts = last_round(played.steps)
    rows = [
        (
            told,
            counts.get((who, word)) if who == HOST else None,
            counts.get((who, word)) if who == EXTENSION else None,
        )
        for who, word, told in STEPS
        if (who, word) in counts
    ]
    yield from tabulate(rows, headers=("references after", "host", "extension"), missingval="").splitlines()


def answer_lines(played: Played) -> Iterator[str]:
    """Answer the open questions from the counts: yes, no, or not counted."""
    held = holding(played.steps, one_process=played.one_process)
    for name, question in QUESTIONS:
        yield f"{_word(getattr(held, name)):<12} {question}"


def _word(references: int | None) -> str:
    if references is None:
        return "not counted"
    return f"yes ({references:+})" if references else "no"
