"""Replays recordings of XNU on the simulator: `python -m tests.contract.replay FOLDER_OR_FILE...`.

Prints a line for each difference (file, step, call, expected, got), how many recordings need what is not
simulated, and at the end how many passed and failed. Exit status 0 only if none failed.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.compare import Comparison
from tests.contract.player import NotSimulatedError, Player
from tests.contract.recording import Recording, Step, find

SHOWN = 200


@dataclass
class Verdict:
    """What came of one recording."""

    differences: list[str] = field(default_factory=list)
    not_simulated: str | None = None


def replay(recording: Recording) -> Verdict:
    """Replay a recording, until its end, its first difference, or the death of the process that plays it.

    After a difference the two states are no longer the same, so what follows would say nothing.
    """
    try:
        return _replay(recording)
    except Exception as fault:  # noqa: BLE001  one broken recording must not hide the others
        return Verdict([f"{recording.name} cannot be replayed: {fault!r}"])


def _replay(recording: Recording) -> Verdict:
    player = Player(recording)
    comparison = Comparison(player)
    for step in recording.steps:
        try:
            outcome = player.play(step)
        except NotSimulatedError as unknown:
            return Verdict(not_simulated=str(unknown))
        found = [
            f"{recording.name} step {step.number} `{_shown_call(step)}` {what}: "
            f"expected {_cut(expected)}, got {_cut(got)}"
            for what, expected, got in comparison.step(step, outcome)
        ]
        if found:
            return Verdict(found)
        if any(event.fatal for event in outcome.guards):
            return _killed(player, step)
    return Verdict()


def _killed(player: Player, step: Step) -> Verdict:
    """Let the process die that broke a fatal guard, as a real one does, and with it the recording ends."""
    task = player.tasks[step.task]
    player.kernel.exit(task.pid)
    return Verdict() if not task.active else Verdict([f"{step.task} outlived a fatal guard"])


def _shown_call(step: Step) -> str:
    return " ".join([step.call, step.task, *step.args])


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def replay_all(paths: list[Path]) -> Iterator[tuple[Recording, Verdict]]:
    """Replay all recordings in files and folders."""
    for recording in find(paths):
        yield recording, replay(recording)


def main(arguments: list[str]) -> int:
    """Replay what the command line names."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.contract.replay FOLDER_OR_FILE...\n")
        return 2
    count: Counter[str] = Counter()
    for recording, verdict in replay_all([Path(argument) for argument in arguments]):
        sys.stdout.writelines(f"{line}\n" for line in verdict.differences)
        if verdict.not_simulated is not None:
            sys.stdout.write(f"{recording.name} not simulated: {verdict.not_simulated}\n")
        count[_kind(verdict)] += 1
    sys.stdout.write(f"{count['not simulated']} not simulated\n")
    sys.stdout.write(f"{count['passed']} passed, {count['failed']} failed\n")
    return 1 if count["failed"] else 0


def _kind(verdict: Verdict) -> str:
    if verdict.not_simulated is not None:
        return "not simulated"
    return "failed" if verdict.differences else "passed"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
