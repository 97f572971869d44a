"""Holds what the simulator answered against what XNU answered: answers, guards, and every task's space."""

from collections.abc import Iterator
from typing import Any

from portaudit.mach.constants import MACH_PORT_DEAD, MACH_PORT_NULL, GuardFlavor
from portaudit.simulator.guard import GuardEvent
from portaudit.simulator.kernel import SEQUENTIAL
from portaudit.simulator.port import Port
from portaudit.simulator.space import GENERATION_FIRST, Entry, index_of
from tests.contract.answers import Name, Names, types
from tests.contract.player import Outcome, Player
from tests.contract.recording import Spaces, Step

WORDS = {"NULL": MACH_PORT_NULL, "DEAD": MACH_PORT_DEAD}
BASELINE = {0x103: (("SEND",), 1), 0x203: (("RECEIVE",), 0)}
"""What every task starts with; the recordings leave it out while it is as it was."""

APART = {"hex", "receiver"}
"""What is said of an entry, and means what the player says it does."""

OurNames = dict[str, dict[int, Entry]]
"""task -> name -> entry, as they are here."""

Difference = tuple[str, Any, Any]
"""What differs, what was expected, and what came."""


class Comparison:
    """Compares the steps of one recording, and learns which number each label stands for."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.labels: dict[tuple[str, str], int] = {}
        self.found: dict[int, tuple[Any, ...]] = {}
        """Recorded entry, by id -> the facts that were like it: most stay as they are from step to step.

        Empty when a label, a name or a task has come to stand for another.
        """
        self.learnt: dict[str, Any] = {}
        """Task -> its space in the step before; most steps change one."""

    def step(self, step: Step, outcome: Outcome) -> Iterator[Difference]:
        """Give the differences of one step."""
        ours = {
            label: {entry.name: entry for entry in task.space.names()}
            for label, task in self.player.tasks.items()
        }
        if step.call == "task":
            self.found.clear()
        self._learn(step.state)
        self._match_new(step.state, ours)
        yield from self._result(step.result, outcome.result)
        yield from self._guards(step, outcome.guards)
        yield from self._spaces(step.state, ours)

    def _learn(self, state: Spaces) -> None:
        for task, entries in state.items():
            if isinstance(entries, dict) and entries is not self.learnt.get(task):
                self.learnt[task] = entries
                for label, entry in entries.items():
                    number = int(entry["hex"], 16)
                    if self.labels.setdefault((task, label), number) != number:
                        self.labels[task, label] = number
                        self.found.clear()

    def _match_new(self, state: Spaces, names: OurNames) -> None:
        """Map names that chance made different: those new on either side, if they stand for the same."""
        for label, entries in state.items():
            ours = names.get(label)
            if ours is None or not isinstance(entries, dict):
                continue
            new = {
                number: entry
                for place, entry in entries.items()
                if self.ours(label, number := self.labels[label, place]) not in ours
            }
            if not new:
                continue
            theirs = {self.ours(label, self.labels[label, place]) for place in entries} | set(BASELINE)
            strangers = [entry for name, entry in ours.items() if name not in theirs]
            for number, entry in new.items():
                twin = next((mine for mine in strangers if _same_kind(entry, mine)), None)
                if twin is not None and self._by_chance(label, number):
                    strangers.remove(twin)
                    self.player.moved[label, number] = twin.name
                    self.found.clear()

    def _by_chance(self, task: str, number: int) -> bool:
        """Say whether chance could have made a name: its slot was new, or is another slot here."""
        index = index_of(number)
        moved = {index_of(name) for label, name in self.player.moved if label == task}
        return index > SEQUENTIAL and (number & 0xFF == GENERATION_FIRST or index in moved)

    def ours(self, task: str, number: int) -> int:
        """Say which name here is XNU's name `number`."""
        return self.player.moved.get((task, number), number)

    def _result(self, expected: dict[str, Any], got: dict[str, Any]) -> Iterator[Difference]:
        replaced = expected.get("mig_reply_port_replaced")
        for key, value in expected.items():
            if key == "mig_reply_port_replaced":
                continue
            if key not in got:
                yield key, value, None
            elif not self.equal(value, got[key]):
                yield key, value, got[key]
        if replaced is not None and got["kr"] == "KERN_SUCCESS":
            yield "mig_reply_port_replaced", replaced, None

    def equal(self, expected: Any, got: Any) -> bool:
        """Compare an answer; names are compared as what they stand for."""
        if isinstance(got, Name):
            return self._is(got, str(expected))
        if isinstance(got, Names):
            return self._are(got, expected)
        if isinstance(got, tuple):
            return set(expected) == set(got)
        if isinstance(expected, list):
            return len(expected) == len(got) and all(map(self.equal, expected, got))
        if isinstance(expected, dict):
            return all(key in got and self.equal(value, got[key]) for key, value in expected.items())
        return bool(expected == got)

    def _is(self, name: Name, text: str) -> bool:
        """Say whether XNU's label or number means this name; a label not seen before is learnt."""
        if text in WORDS:
            return name.number == WORDS[text]
        if text.startswith("0x"):
            return name.number == self.ours(name.task, int(text, 16))
        known = self.labels.setdefault((name.task, text), name.number)
        return self.ours(name.task, known) == name.number

    def _are(self, names: Names, expected: dict[str, list[str]]) -> bool:
        left = dict(names.entries)
        for label, kinds in expected.items():
            found = next((number for number in left if self._is(Name(names.task, number), label)), None)
            if found is None or set(left.pop(found)) != set(kinds):
                return False
        return not left

    def _guards(self, step: Step, events: list[GuardEvent]) -> Iterator[Difference]:
        expected = [_recorded_guard(guard) for guard in step.guards]
        got = [_raised_guard(event) for event in events]
        same = len(expected) == len(got) and all(
            theirs[1:] == mine[1:] and self._guarded(step, theirs[0], mine[0])
            for theirs, mine in zip(expected, got, strict=True)
        )
        if not same:
            yield "guards", expected, got

    def _guarded(self, step: Step, label: str, target: int) -> bool:
        """A guard's target may be named after any task's space: the call may have been about another."""
        return any(self._is(Name(task, target), label) for task in [step.task, *self.player.tasks])

    def _spaces(self, state: Spaces, names: OurNames) -> Iterator[Difference]:
        for label, task in self.player.tasks.items():
            expected = state.get(label)
            if expected == "dead" or not task.active:
                if expected != "dead" or task.active:
                    yield label, expected, "alive" if task.active else "dead"
            elif isinstance(expected, str):
                count = len(names[label])
                if expected != f"{count} entries":
                    yield label, expected, f"{count} entries"
            else:
                yield from self._space(label, names[label], expected or {})

    def _space(self, label: str, ours: dict[int, Entry], expected: dict[str, Any]) -> Iterator[Difference]:
        left = dict(ours)
        for place, recorded in expected.items():
            entry = left.pop(self.ours(label, self.labels[label, place]), None)
            if entry is None:
                yield f"{label}.{place}", recorded, None
                continue
            facts = _facts(entry)
            if self.found.get(id(recorded)) != facts:
                differences = list(self._entry(f"{label}.{place}", recorded, entry))
                yield from differences
                if not differences:
                    self.found[id(recorded)] = facts
        for name, entry in left.items():
            if BASELINE.get(name) != (types(entry.type), entry.urefs):
                yield f"{label}.0x{name:x}", None, describe(entry)

    def _entry(self, place: str, expected: dict[str, Any], entry: Entry) -> Iterator[Difference]:
        got = describe(entry)
        for key in sorted((set(expected) | set(got)) - APART):
            if not self.equal(expected.get(key, 0), got.get(key, 0)):
                yield f"{place}.{key}", expected.get(key), got.get(key)
        if "receiver" in expected and not self._received_by(expected["receiver"], entry.port):
            yield f"{place}.receiver", expected["receiver"], entry.port and hex(entry.port.receiver_name)

    def _received_by(self, expected: str | None, port: Port | None) -> bool:
        if port is None or port.receiver is None or expected is None:
            return expected is None and (port is None or port.receiver is None)
        label, _, place = expected.partition(".")
        owner = self.player.label_of(port.receiver.task)
        return owner == label and self._is(Name(label, port.receiver_name), place)


def _same_kind(recorded: dict[str, Any], entry: Entry) -> bool:
    described = describe(entry)
    kinds = tuple(recorded["type"])
    return set(kinds) == set(described["type"]) and all(
        recorded.get(key) == value for key, value in described.items() if key != "type"
    )


def _facts(entry: Entry) -> tuple[Any, ...]:
    """Give what `describe` says of an entry, and who receives, unsaid."""
    port = entry.port
    if port is None:
        return int(entry.type), entry.urefs, not entry.request
    return (
        int(entry.type),
        entry.urefs,
        not entry.request,
        port.srights,
        port.sorights,
        port.mscount,
        port.active,
        len(port.queue),
        port.no_senders_request is None,
        port.port_destroyed_request is None,
        port.immovable_send,
        port.pinned,
        port.guarded,
        port.kotype,
        port.receiver,
        port.receiver_name,
    )


def describe(entry: Entry) -> dict[str, Any]:
    """Write an entry down as the recordings do; what is 0 may be left out."""
    described: dict[str, Any] = {"type": types(entry.type), "urefs": entry.urefs}
    if entry.request:
        described["ie_request"] = 1
    port = entry.port
    if port is None:
        return described
    described |= {
        "srights": port.srights,
        "sorights": port.sorights,
        "mscount": port.mscount,
        "port_active": port.active,
        "msgs": len(port.queue),
    }
    marks = {
        "nsrequest": port.no_senders_request is not None,
        "pdrequest": port.port_destroyed_request is not None,
        "immovable_send": port.immovable_send,
        "pinned": port.pinned,
        "guarded": port.guarded,
        "kotype": port.kotype,
    }
    return described | {key: int(value) for key, value in marks.items() if value}


def _recorded_guard(guard: dict[str, Any]) -> tuple[str, str, int | None, bool]:
    flavor = guard["flavor"]
    payload = int(guard.get("subcode", "0"), 16) if flavor != GuardFlavor.INVALID_OPTIONS.name else None
    return guard["target"], flavor, payload, guard["fatal"]


def _raised_guard(event: GuardEvent) -> tuple[int, str, int | None, bool]:
    # The payload of INVALID_OPTIONS is the option word of the driver's own mach_msg2 call
    payload = event.payload if event.flavor is not GuardFlavor.INVALID_OPTIONS else None
    return event.target, event.flavor.name, payload, event.fatal
