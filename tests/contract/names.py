"""Which number XNU gave, and which number the simulator gives: names in the two are not always the same.

XNU hands names out in random order after the first eight of a space, and lets generations start again at
random points. What a recording shows of that chance, the simulator is given (RecordedChance); then its names
are XNU's, by arithmetic. Where chance cannot be seen, the number that XNU gave is mapped to the simulator's.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from portaudit.simulator.kernel import SEQUENTIAL
from portaudit.simulator.space import GENERATION_FIRST, index_of, name_of
from tests.contract.recording import Recording, Spaces, Step

LAPS = {0x3F: 3, 0x7F: 2, 0xBF: 1, 0xFF: 0}
CHOOSING = frozenset({"insert", "allocname"})


def hexes(step: Step, before: Spaces) -> Iterator[tuple[str, int]]:
    """Give the names in a step's answer and state, with their tasks, in the order in which they were made.

    A space that is the very one of the step before tells nothing new, unless it is the calling task's.
    """
    for turn in step.result.get("cycle", []):
        yield step.task, name_of(turn["index"], int(turn["gen"], 16))
    entries = step.state.get(step.task)
    if isinstance(entries, dict):
        for label in _answered(step.result):
            if label in entries:
                yield step.task, int(entries[label]["hex"], 16)
    for task, entries in step.state.items():
        if isinstance(entries, dict) and (task == step.task or entries is not before.get(task)):
            for entry in entries.values():
                yield task, int(entry["hex"], 16)


def _answered(result: dict[str, Any]) -> Iterator[str]:
    """Give the labels in an answer: header first, then the descriptors, as the kernel makes names."""
    header = result.get("hdr_after", result)
    yield from (str(header.get(key)) for key in ("remote", "local"))
    for descriptor in [*result.get("descs", []), *result.get("descs_after", [])]:
        yield from map(str, descriptor.get("names", [descriptor.get("name")]))


class RecordedChance:
    """The chance of one space, as far as a recording shows it."""

    def __init__(self, fresh: list[int], generations: dict[int, list[int]]) -> None:
        self._fresh = fresh
        self._laps = {index: _laps(seen) for index, seen in generations.items()}

    def order(self, bottom: int, top: int) -> list[int]:
        """Hand out first what was seen first, after the sequential names of a new space."""
        first = list(range(1, SEQUENTIAL + 1)) if bottom == 1 else []
        seen = [index for index in self._fresh if bottom <= index < top and index not in first]
        return first + seen + sorted(set(range(bottom, top)) - set(seen) - set(first))

    def rollover(self, index: int) -> int:
        """Start again where the recording did; else as late as possible."""
        laps = self._laps.get(index)
        return laps.pop(0) if laps else 0


def _laps(generations: list[int]) -> list[int]:
    """Read from a slot's generations how long each of its laps was."""
    ends = [last for last, following in pairwise(generations) if following < last]
    return [LAPS.get(last + 4, 0) for last in ends]


def chances(recording: Recording) -> dict[str, RecordedChance]:
    """Read off each task's chance from a recording."""
    fresh: dict[str, list[int]] = defaultdict(list)
    generations: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    before: Spaces = {}
    for step in recording.steps:
        chosen = (
            {int(arg, 16) for arg in step.plain if arg.startswith("0x")} if step.call in CHOOSING else set()
        )
        for task, name in hexes(step, before):
            seen = generations[task][index_of(name)]
            if not seen and name & 0xFF == GENERATION_FIRST and name not in chosen:
                fresh[task].append(index_of(name))
            if not seen or seen[-1] != name & 0xFF:
                seen.append(name & 0xFF)
        before = step.state
    tasks = {step.task for step in recording.steps} | set(generations)
    return {task: RecordedChance(fresh[task], generations[task]) for task in tasks}
