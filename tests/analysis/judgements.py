"""What is judged how, as a text that a person reads: `python -m tests.analysis.judgements` writes it anew.

Lives, played faults, and audits drawn by chance in which everything meets that a snapshot can hold. A change
of the judgement shows itself in the text's difference; whether it is for the better a person has to say.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import exp
from pathlib import Path
from typing import Any

from portaudit.analysis.compare import compare
from portaudit.analysis.exception_codes import no_code, otherwise, readings_of_code
from portaudit.analysis.expectations import parse_expectation, parse_pattern
from portaudit.analysis.guard import describe
from portaudit.analysis.judge import judge
from portaudit.analysis.known import baseline_of
from portaudit.analysis.resource import describe_resource
from portaudit.analysis.series.course import course_of, kept_steps, pace, references_climb, size_grows, trend
from portaudit.analysis.series.survival import Lives, leak_of, likeliest
from portaudit.analysis.warming import with_warm_up
from portaudit.errors import UsageError
from portaudit.model.check import Suppression
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.difference import Change, Course
from portaudit.model.finding import Report
from portaudit.model.guard import GuardEvent
from portaudit.model.guard_flavours import MACH_PORT_FLAVOURS
from portaudit.model.snapshot import Entries, Machine, NotRead, Peer, Process, ReceiveColumns, Snapshot, Task
from tests.churn.models import MODELS, Fault
from tests.churn.world import World
from tests.series_play import FAULTS, played

GOLDEN = Path(__file__).parents[1] / "data" / "judgements.txt"

BITS = {"send": 1 << 16, "recv": 1 << 17, "both": 3 << 16, "once": 1 << 18, "set": 1 << 19, "dead": 1 << 20}
PORTS = {
    0xA0: (2, None),
    0xB0: (2, None),
    0xC0: (2, None),
    0xC4: (45, None),
    0xD0: (3, None),
    0xD4: (1, None),
    0xD8: (25, None),
    0xE0: (0, None),
    0xE4: (0, None),
    0xE8: (37, None),
    0xEC: (23, None),
    0xF0: (30, "IOSurfaceSharedEvent"),
    0xF4: (30, "IOUserIterator"),
    0xF8: (29, "AppleUserClient(0x1000)"),
    0xFC: (20, None),
}
"""Object -> what stands behind it, with its description. The first two are the own ports of the pair."""

QUEUED, MADE, SENDERS, IN_SET = 0, 2, 4, 7
"""Columns of what is told of receive rights."""

Space = dict[int, list[Any]]
"""Name -> right, references and object."""

NAMES = tuple(range(0x103, 0x1703, 0x100))
RULES = (
    "extension: task-control of host +1",
    "extension: task-control of host 0..2",
    "extension: any +1",
    "host: semaphore 0..1",
    "extension: message-queue -1",
    "extension: task-read +1",
    "extension: receive 0..1",
    "host: task-control of extension +2",
)
SUBJECTS = ("extension: semaphore", "host: voucher", "extension: message-queue", "host: receive")


class Wild:
    """Two tasks, or three, in whose spaces anything happens from reading to reading."""

    def __init__(self, seed: object) -> None:
        self.chance = random.Random(f"wild {seed}")  # noqa: S311  played chance
        self.told = self.chance.random() < 0.7
        self.tasks: list[tuple[str | None, int, int]] = [("host", 10, 0xA0), ("extension", 20, 0xB0)]
        if self.chance.random() < 0.2:
            self.tasks.append((None, 30, 0xC0))
        self.spaces: dict[int, Space] = {
            pid: {0x103: ["send", self.chance.randint(1, 4), own]} for _, pid, own in self.tasks
        }
        for _ in range(4):
            self.live()

    def live(self) -> None:
        """Let each task do a few things."""
        for space in self.spaces.values():
            for _ in range(self.chance.choice([0, 1, 2, 4])):
                self._do(space)

    def _do(self, space: Space) -> None:
        name = self.chance.choice(NAMES)
        row = space.get(name)
        deed = self.chance.random()
        if row is None or deed < 0.15:
            space[name] = self._new(space)
        elif deed < 0.55 and isinstance(row[1], int) and row[0] in ("send", "both", "dead"):
            row[1] = max(1, row[1] + self.chance.choice([-2, -1, 1, 1, 3]))
        elif deed < 0.75:
            del space[name]
        elif deed < 0.85 and row[0] in ("send", "once"):
            space[name] = ["dead", row[1] or 1, 0]
        elif deed < 0.9:
            row[1] = self.chance.choice([None, 65535, 1])

    def _new(self, space: Space) -> list[Any]:
        right = self.chance.choice(["send"] * 6 + ["recv", "recv", "both", "once", "set", "dead"])
        number: int | None = 0
        if right in ("recv", "both"):
            number = self.chance.choice([0xE0, 0xE4])
        elif right in ("once", "set"):
            number = self.chance.randrange(0x1000, 0x1010)
        elif right == "dead":
            pass
        elif self.chance.random() < 0.05:
            number = self.chance.choice([0, None])
        else:  # one name stands for all send rights to a port
            taken = {row[2] for row in space.values()}
            number = self.chance.choice([port for port in PORTS if port not in taken] or [0])
        urefs = {"recv": 0, "set": 0, "once": 1}.get(right, self.chance.randint(1, 4))
        return [right, urefs, number]

    def snapshot(self, number: int, pace: float) -> Snapshot:
        """Read all of them."""
        tasks = [self._task(role, pid, own) for role, pid, own in self.tasks if self.chance.random() < 0.995]
        taken = None if self.chance.random() < 0.03 else 1000 + pace * number
        machine = Machine(boot="c" if self.chance.random() < 0.005 else "b")
        return Snapshot(tuple(tasks), taken=taken, machine=machine, settled=self.chance.random() < 0.99)

    def _task(self, role: str | None, pid: int, own: int) -> Task:
        name = {10: "Host", 20: "Ext", 30: "other"}[pid]
        restarted = self.chance.random() < 0.01
        process = Process(pid + restarted, 9.0 if self.chance.random() < 0.005 else 5.0, name)
        if self.chance.random() < 0.01:
            return Task(process, role, "space-info", not_read=NotRead("it was refused"))
        gaps = ("a line was lost",) if self.chance.random() < 0.03 else ()
        told = own if self.told else None
        return Task(process, role, "space-info", self_object=told, entries=self._entries(pid), gaps=gaps)

    def _entries(self, pid: int) -> Entries:
        rows = sorted(self.spaces[pid].items())
        chance = random.Random(pid)  # noqa: S311  the same in each reading
        receive = [at for at, (_, row) in enumerate(rows) if row[0] in ("recv", "both")]
        known = [PORTS.get(row[2], (None, None)) for _, row in rows]
        columns: list[list[Any]] = [[None] * len(receive) for _ in range(9)]
        columns[QUEUED] = [self.chance.choice([0, 0, 0, 1]) for _ in receive]
        columns[MADE] = [chance.choice([0, 1]) for _ in receive]
        columns[SENDERS] = [chance.choice([False, True, False]) for _ in receive]
        columns[IN_SET] = [chance.choice([False, False, True]) for _ in receive]
        carried = [row[0] in ("send", "both") for _, row in rows]
        return Entries(
            [name for name, _ in rows],
            [BITS[row[0]] for _, row in rows],
            [row[1] for _, row in rows],
            [row[2] for _, row in rows],
            [kind if sends else None for (kind, _), sends in zip(known, carried, strict=True)],
            {at: text for at, (_, text) in enumerate(known) if text},
            {at: Peer(20, "Ext", 0x203) for at, (_, row) in enumerate(rows) if row[2] == 0xE0 and pid == 10},
            ReceiveColumns(receive, *columns),
        )


def wild(seed: int) -> Report:
    """Judge one audit by chance, on terms by chance."""
    life = Wild(seed)
    chance = life.chance
    readings, pace = chance.choice([2, 2, 2, 4, 7, 11]), chance.choice([2.0, 2.0, 2.0, 0.5])
    snapshots = [life.snapshot(0, pace)]
    for number in range(1, readings):
        life.live()
        snapshots.append(life.snapshot(number, pace))
    difference = compare(snapshots)
    rules = [parse_expectation(text) for text in chance.sample(RULES, chance.choice([0, 0, 1, 2]))]
    terms = _terms(chance, seed)
    if chance.random() < 0.25:
        known = baseline_of(judge(difference, rules, terms).findings[: chance.randint(0, 3)])
        less = chance.choice([0, 1])
        kept = tuple(replace(one, amount=max(0, (one.amount or 1) - less)) for one in known.accepted)
        terms = replace(terms, baseline=replace(known, accepted=kept))
    return judge(difference, rules, terms)


def _terms(chance: random.Random, seed: int) -> Terms:
    idle = Wild(seed)
    first = idle.snapshot(0, 2)
    idle.live()
    until = date(2026, 1, chance.choice([1, 5, 30])) if chance.random() < 0.8 else date(2025, 12, 31)
    known = Suppression("U5", "it is known", until, role="extension")
    return Terms(
        suppressions=(known,) if chance.random() < 0.2 else (),
        idle=compare((first, idle.snapshot(1, 2))) if chance.random() < 0.3 else None,
        guards=tuple(_events(chance)) if chance.random() < 0.2 else (),
        policy=LEAST_PRIVILEGE if chance.random() < 0.2 else None,
        today=date(2026, 1, 1),
        subjects=tuple(map(parse_pattern, chance.sample(SUBJECTS, chance.choice([0, 0, 1])))),
        operations=chance.choice([1, 1, 2, 50]),
        warmed=chance.random() < 0.3,
        every_gain=chance.random() < 0.2,
    )


def _events(chance: random.Random) -> Iterator[GuardEvent]:
    for _ in range(chance.choice([1, 2])):
        flavour = chance.choice([0x1, 0x2, 0x100, 0x200, 0x400, 0x20_0000, 0x20, None])
        pid, process = chance.choice(
            [(10, "Host"), (20, "Ext"), (None, "Ext"), (None, None), (99, "stranger")]
        )
        yield GuardEvent(1, flavour, target=chance.choice(NAMES), payload=1 << 56, pid=pid, process=process)


def lines(report: Report) -> Iterator[str]:
    """Tell a report, a line for each thing in it."""
    yield f"{report.outcome}; {report.difference.unchanged} unchanged"
    for word, findings in (
        ("", report.findings),
        ("undecided ", report.undecided),
        ("suppressed ", report.suppressed),
        ("accepted ", report.accepted),
    ):
        for one in findings:
            yield (
                f"  {word}{one.severity} {one.rule} {one.verdict}, {one.judged_as}, {one.confidence}, "
                f"{one.rate if one.rate is None else round(one.rate, 3)}: {one.title} | {one.evidence} "
                f"| {one.cause[:40]} | {one.reason or ''} {one.fingerprint}"
            )
            yield from (f"    {_row(row)}" for row in one.rows[:SHOWN])
            yield from [f"    and {len(one.rows) - SHOWN} more"] * (len(one.rows) > SHOWN)
    yield from (f"  gone {one.rule} {one.count} of {one.title}" for one in report.gone)
    yield from (f"  suppression {one.state} {one.findings} {one.days_left}" for one in report.suppressions)
    yield from (f"  idle {one.task} {one.kobject} {one.change} {one.subtracted}" for one in report.idle)
    if not report.difference.between:
        yield from (f"  change {_row(row)}" for row in report.changes[: 3 * SHOWN])
    for held in report.balance:
        sides = ", ".join(f"{task} {row.before} to {row.after}" for task, row in held.sides.items())
        yield f"  balance {held.object} {held.kobject} of {held.of}: {sides}"
    moved = (one for one in report.series if one.course is not Course.COMES_AND_GOES)
    yield from (f"  series {one.change.name} {one.course}, {one.pace}" for one in moved)
    yield from (f"  note {note}" for note in report.notes)


def _row(row: Change) -> str:
    place = (row.role, row.right, row.name, row.object, row.kobject, row.of)
    numbers = (row.before, row.after, row.expected, row.idle, row.residual)
    told = ["-" if one is None else str(one) for one in (*place, *numbers)]
    more = (row.series, row.rate and round(row.rate, 3), len(row.names), row.doubt)
    return " ".join((*told, *(str(one) for one in more if one)))


def judgements() -> Iterator[str]:
    """Give the whole text."""
    for played_fault in FAULTS:
        yield f"played {played_fault}"
        yield from lines(judge(compare(played(played_fault, 5))))
    for model, fault, rounds in LIVES:
        yield f"{model}, {fault.label if fault else 'healthy'}, {rounds} rounds"
        yield from lines(judge(compare(lived(model, fault, rounds))))
    for seed in range(WILD):
        yield f"wild {seed}"
        try:
            yield from lines(wild(seed))
        except UsageError as error:
            yield f"  {error}"
    yield from _with_operations()
    yield from _warm()
    yield from _numbers()
    yield from _codes()


def _with_operations() -> Iterator[str]:
    for model, what, number in OPERATIONS:
        yield f"{model}, {number} times {what} in 50 operations"
        idle = compare(lived(model, None, 1))
        report = judge(compare(lived(model, Fault(what, number), 1)), (), Terms(operations=50, idle=idle))
        yield from lines(report)


def _warm() -> Iterator[str]:
    for seed in range(20):
        life = Wild(f"warm {seed}")
        moments = []
        for number in range(3):
            moments.append(life.snapshot(number, 2))
            life.live()
        start, first, last = moments
        rules = [parse_expectation(text) for text in RULES[: seed % 3]]
        report = judge(compare((first, last)), rules)
        yield f"warm {seed}"
        told = with_warm_up(report, (start, first, last), rules, seed % 4 + 1)
        yield from (f"  left {_row(row)}" for row in told.warm_up)
        yield from (f"  note {note}" for note in told.notes)


def _numbers() -> Iterator[str]:
    """Tell what is made of bare numbers: survivors of classes, lines with noise, what rounds keep."""
    chance = random.Random("numbers")  # noqa: S311  played chance
    for rounds in (4, 5, 6, 7, 8, 9, 10, 14, 15, 20):
        for _ in range(25):
            births, stay = chance.choice([0, 0.2, 0.5, 1, 3]), chance.choice([0, 0.3, 0.6, 0.9])
            leaks, often = chance.choice([0, 1, 1, 1, 2]), chance.choice([1, 1, 0.85, 0.5])
            means = [births * stay**age for age in range(rounds)]
            kept = [leaks * (chance.random() < often) for _ in means]
            lives = Lives(
                tuple(poisson(chance, mean) + more for mean, more in zip(means, kept, strict=True)),
                tuple(poisson(chance, mean) for mean in means),
            )
            best, found = likeliest(lives), leak_of(lives, chance.choice([1, 8, 20, 60]))
            score = best and f"{best.count} in {best.share:.6f} scores {best.score:.6f}"
            yield f"lives {lives.survivors} {lives.departed}: {score}, {'leaks' * bool(found)}"
            slope, noise = chance.choice([0, 0.2, 0.3, 1, -1]), chance.choice([0, 0, 0.2, 1])
            row = [round(9 + slope * at + chance.gauss(0, noise)) for at in range(rounds + 1)]
            line, course = trend(row), course_of(kept_steps(row))
            told = f"{line.slope:.6f} t {line.t:.6f} {size_grows(row)} {references_climb(row)}"
            yield f"row {row}: {told}; {course.course} {course.period} {course.rounds}; {pace(course)}"


def poisson(chance: random.Random, mean: float) -> int:
    """Draw how often something happens that happens so often in the mean."""
    number, left = 0, chance.random()
    share = exp(-mean)
    while left > share:
        number, left = number + 1, left - share
        share *= mean / number
    return number


def _codes() -> Iterator[str]:
    """Tell the exceptions that a kernel may raise, and numbers that only look so."""
    for flavour in (*MACH_PORT_FLAVOURS, 0x77):
        told = describe(GuardEvent(1, flavour, target=0x1103))
        parts = (told.flavour, told.target, told.mistake, told.third_party, told.cause)
        yield f"{told.title}: {'; '.join(str(part) for part in parts)}"
        for number in range(1, 9):
            told = describe(GuardEvent(1, flavour, target=1 << 31 | number, payload=number << 56 | 0x30000))
            if "name" not in (told.target or "name") or ": " in (told.payload or ""):
                yield f"  {told.target}; {told.payload}"
    for text in CODES:
        guard, resource = readings_of_code(text)
        words = describe_resource(resource) if resource else describe(guard)
        also = otherwise(text, resource or guard)
        yield f"{text}: {words.title} | {words.declined} | {also} | {no_code(text)}"


SHOWN = 6
"""Rows of a finding."""

WILD = 120
LIVES = (
    *((model, None, 10) for model in ("driven", "storms")),
    *(
        ("quiet", Fault(what), 10)
        for what in ("service-references", "thread", "connection", "voucher", "dead")
    ),
    ("lively", Fault("semaphore", 3), 10),
    ("quiet", Fault("semaphore", every=2), 20),
    ("quiet", Fault("subject", every=3), 10),
    ("still", Fault("source"), 6),
    ("quiet", Fault("semaphore", 30), 1),
    ("quiet", Fault("orphan"), 1),
)


OPERATIONS = (
    *(("quiet", "semaphore", number) for number in (50, 26, 24)),
    *(("lively", what, 50) for what in ("service-references", "connection", "thread", "voucher")),
    ("crowded", "memory", 50),
    ("crowded", "semaphore", 30),
    ("quiet", "service-references", 26),
)
CODES = (
    *(str(number) for number in (*range(15), 259, 260, 0x1103, 1 << 29, (1 << 29) + 259)),
    *(
        f"0x{kind << 61 | flavour << 32 | 0x103:x}"
        for kind in range(8)
        for flavour in (0, 1, 0x200, 0x400_0000)
    ),
    *(f"0x{kind << 61 | flavour << 58 | 0x41648:x}" for kind in range(8) for flavour in range(8)),
    *(f"0x{kind << 29 | flavour << 26:x}" for kind in range(8) for flavour in range(8)),
)


def lived(model: str, fault: Fault | None, rounds: int) -> list[Snapshot]:
    """Give the readings of a life."""
    world = MODELS[model].world(f"judgements {model}")
    happen = fault.plant(world) if fault else lambda _: None
    readings = []
    for number in range(rounds + 1):
        if number:
            world.trigger()
            happen(number)
            world.live(2)
        readings.append(reading(world))
    return readings


def reading(world: World) -> Snapshot:
    """Give the spaces of a world as they are now."""
    tasks = []
    for role, pid in (("host", 10), ("extension", 20)):
        rows = sorted(world.spaces[role].items())
        receive = [(at, row) for at, (_, row) in enumerate(rows) if row.type & BITS["recv"]]
        columns: list[list[Any]] = [[None] * len(receive) for _ in range(9)]
        columns[MADE] = [row.make_send for _, row in receive]
        columns[SENDERS] = [row.has_senders for _, row in receive]
        columns[IN_SET] = [row.in_set for _, row in receive]
        space = Entries(
            [name for name, _ in rows],
            [row.type for _, row in rows],
            [row.urefs for _, row in rows],
            [row.object for _, row in rows],
            [row.kobject for _, row in rows],
            receive=ReceiveColumns([at for at, _ in receive], *columns),
        )
        own = world.own[role]
        tasks.append(
            Task(Process(pid, 5.0, role.title()), role, "space-info", self_object=own, entries=space)
        )
    return Snapshot(tuple(tasks), taken=1000 + world.now, machine=Machine(boot="b"), settled=True)


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{line}\n" for line in judgements()), "utf-8")
