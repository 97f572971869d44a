"""An oracle: transfers by chance whose truth is kept as they happen, and how portaudit judges the readings.

It shares no code with the judgement: what each operation adds or takes is written down when it is done, and
nothing is ever compared. `python -m tests.analysis.oracle [N] [SEED]` plays N transfers (2,000), each read as
probe records and as lsmp's text, each also with host and extension exchanged; ends 1 if one is misjudged.
"""

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from portaudit.__main__ import run
from tests.collect.lsmp.printer import Port, Program, print_text

BITS = {"send": 1 << 16, "recv": 1 << 17, "send-once": 1 << 18, "port-set": 1 << 19, "dead-name": 1 << 20}
THREAD, TASK, HOST, TASK_NAME, SEMAPHORE, CLOCK, VOUCHER, TASK_READ = 1, 2, 3, 20, 23, 25, 37, 45
LABELS = {
    THREAD: b"THREAD-CONTROL",
    TASK: b"TASK-CONTROL",
    HOST: b"HOST",
    TASK_NAME: b"TASK-NAME",
    SEMAPHORE: b"SEMAPHORE",
    CLOCK: b"CLOCK",
    VOUCHER: b"VOUCHER",
    TASK_READ: b"TASK-READ",
}
COLUMNS = ["name", "type", "urefs", "object", "kobject_type"]
PIDS = {"host": 100, "extension": 200}
OTHER = {"host": "extension", "extension": "host"}
FORMS = ("probe", "lsmp")

Key = tuple[str, str, int]
"""Role, right, and the object; of a dead name its name."""


@dataclass(frozen=True)
class Row:
    """What stands under one name."""

    right: str
    urefs: int
    object: int
    kobject: int | None


@dataclass
class Transfer:
    """Two spaces before and after, with what each operation between them did."""

    chance: random.Random
    spaces: dict[str, dict[int, Row]] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    truth: Counter[Key] = field(default_factory=Counter)
    strict: set[Key] = field(default_factory=set)
    subjects: set[Key] = field(default_factory=set)
    proven: bool = False
    """Whether something that comes and goes proves itself."""
    expected: int = 0
    """References to the host's task port that the extension may keep."""
    moved: set[int] = field(default_factory=set)
    """Names that a right got in between."""
    used: set[int] = field(default_factory=set)
    """Names and objects that were given out."""

    def number(self, step: int = 4) -> int:
        """Draw a number that nothing has."""
        while (drawn := self.chance.randrange(1, 1 << 16) * step) in self.used:
            pass
        self.used.add(drawn)
        return drawn

    def add(self, role: str, row: Row) -> int:
        """Put a right under a new name."""
        name = self.number(0x100) | 3
        self.spaces[role][name] = row
        return name

    def named(self, role: str, **wanted: object) -> int | None:
        """Give a name whose row has these values."""
        rows = self.spaces[role].items()
        names = [name for name, row in rows if all(getattr(row, key) == wanted[key] for key in wanted)]
        return self.chance.choice(names) if names else None

    def change(self, role: str, name: int, number: int) -> None:
        """Take references to what stands under a name, or give them back; the last takes the name with it."""
        row = self.spaces[role].pop(name)
        if row.urefs + number:
            self.spaces[role][name] = Row(row.right, row.urefs + number, row.object, row.kobject)
        self.truth[role, row.right, row.object] += number

    def new(self, role: str, row: Row) -> Key:
        """Let a right come, and give what it is in the truth."""
        name = self.add(role, row)
        key = role, row.right, name if row.right == "dead-name" else row.object
        self.truth[key] += row.urefs if row.right in ("send", "dead-name") else 1
        return key


def begin(chance: random.Random) -> Transfer:
    """Make two spaces with what every process has."""
    made = Transfer(chance)
    host = made.number()
    for role in PIDS:
        made.spaces[role] = {}
        made.own[role] = made.number()
        made.add(role, Row("send", chance.randint(2, 5), made.own[role], TASK))
        made.add(role, Row("send", chance.randint(3, 6), host, HOST))
        made.add(role, Row("send", chance.randint(1, 4), made.number(), THREAD))
        made.add(role, Row("send", chance.randint(20, 40), made.number(), 0))
        for _ in range(chance.randint(2, 6)):
            kobject = chance.choice([0, SEMAPHORE, VOUCHER])
            made.add(role, Row("send", chance.randint(1, 3), made.number(), kobject))
        for _ in range(chance.randint(2, 4)):
            made.add(role, Row("recv", 0, made.number(), None))
    if chance.random() < 0.5:
        made.add("extension", Row("send", chance.randint(2, 6), made.own["host"], TASK))
    made.add("extension", Row("send", chance.randint(2, 5), made.number(), TASK))  # of nobody known
    return made


# What a transfer may do. Each takes the role that does it


def take(one: Transfer, role: str) -> None:
    """Keep references to the other's task port, under the name that there is or under a new one."""
    number = one.chance.randint(1, 3)
    key = role, "send", one.own[OTHER[role]]
    if (name := one.named(role, object=key[2])) is not None:
        one.change(role, name, number)
    else:
        one.new(role, Row("send", number, key[2], TASK))
    one.strict.add(key)
    one.subjects.add(key)


def give_back_twice(one: Transfer, role: str) -> None:
    """Release one reference to the other's task port too many."""
    if (name := one.named(role, object=one.own[OTHER[role]])) is not None:
        key = role, "send", one.own[OTHER[role]]
        one.change(role, name, -1)
        one.strict.add(key)
        one.subjects.add(key)


def read_port(one: Transfer, role: str) -> None:
    """Keep a read port of some task."""
    key = one.new(role, Row("send", one.chance.randint(1, 2), one.number(), TASK_READ))
    one.strict.add(key)
    one.subjects.add(key)


def stranger_dies(one: Transfer, role: str) -> None:
    """Hold on to the task port of a task that ends."""
    known = {*one.own.values()}
    strangers = [
        name
        for name, row in one.spaces[role].items()
        if (row.right, row.kobject) == ("send", TASK) and row.object not in known
    ]
    for name in strangers:
        row = one.spaces[role][name]
        key = role, "send", row.object
        if key in one.truth:
            continue
        if (
            name in one.moved
        ):  # no reading tells what its new name stood for: one right went, a dead name came
            one.truth[key] -= row.urefs
            one.truth[role, "dead-name", name] += row.urefs
            one.proven |= row.urefs > 1
        else:
            key = role, "dead-name", name
            one.truth[key] += row.urefs
        one.spaces[role][name] = Row("dead-name", row.urefs, 0, None)
        one.strict.add(key)
        one.subjects.add(key)


def standing(one: Transfer, role: str) -> None:
    """Take or lose a reference to the host, to the own task port or to a thread that lives."""
    kobject = one.chance.choice([HOST, THREAD, TASK])
    wanted = {"kobject": kobject, **({"object": one.own[role]} if kobject == TASK else {})}
    if (name := one.named(role, **wanted)) is not None:
        row = one.spaces[role][name]
        one.change(role, name, one.chance.choice([-1, 1, 2]) if row.urefs > 1 else 1)
        one.strict.add((role, "send", row.object))


def first_use(one: Transfer, role: str) -> None:
    """Ask for the clock once, and keep it."""
    if one.named(role, kobject=CLOCK) is None:
        one.new(role, Row("send", 1, one.number(), CLOCK))


def borrow(one: Transfer, role: str) -> None:
    """Take the other's task port and give it back."""
    if (name := one.named(role, object=one.own[OTHER[role]])) is not None:
        one.change(role, name, 2)
        one.change(role, name, -2)


def move(one: Transfer, role: str) -> None:
    """Release a right and receive it again, under another name."""
    if (name := one.named(role, right="send")) is not None:
        one.moved.add(one.add(role, one.spaces[role].pop(name)))


def come_and_go(one: Transfer, role: str) -> None:
    """Let a few rights come, and one go, as every process does."""
    for _ in range(one.chance.randint(1, 4)):
        loose = one.chance.choice([SEMAPHORE, TASK_NAME, 0])
        right = one.chance.choice(["send", "send", "send", "recv", "send-once", "port-set"])
        kobject = loose if right == "send" else None
        one.new(role, Row(right, int(right == "send"), one.number(), kobject))
    if one.named(role, kobject=SEMAPHORE, urefs=1) is not None:
        one.change(role, one.named(role, kobject=SEMAPHORE, urefs=1) or 0, -1)


def use_service(one: Transfer, role: str) -> None:
    """Hold some more references to a service."""
    if (name := one.named(role, kobject=0)) is not None:
        one.change(role, name, one.chance.randint(1, 5))


def dead_name(one: Transfer, role: str) -> None:
    """Take references to a port that dies; two or more of them prove themselves."""
    number = one.chance.randint(1, 3)
    one.new(role, Row("dead-name", number, 0, None))
    one.proven |= number > 1


Operation = Callable[[Transfer, str], None]
OPERATIONS: dict[Operation, float] = {
    **dict.fromkeys((take, give_back_twice, standing), 0.2),
    **dict.fromkeys((read_port, stranger_dies, first_use, dead_name), 0.07),
    **dict.fromkeys((borrow, move, come_and_go, use_service), 0.5),
}
"""Operation -> how often a process does it in a transfer."""


@dataclass(frozen=True)
class Played:
    """A transfer with its two readings."""

    before: dict[str, dict[int, Row]]
    after: dict[str, dict[int, Row]]
    told: Transfer


def played(seed: object) -> Played:
    """Play one transfer."""
    chance = random.Random(f"transfer {seed}")  # noqa: S311  played chance
    one = begin(chance)
    before = {role: dict(space) for role, space in one.spaces.items()}
    todo = [(operation, role) for operation in OPERATIONS for role in PIDS]
    chance.shuffle(todo)
    for operation, role in todo:
        if chance.random() < OPERATIONS[operation]:
            operation(one, role)
    if chance.random() < 0.3:
        one.expected = chance.choice([-1, 1, 2])
        key = "extension", "send", one.own["host"]
        one.strict.add(key)
        one.subjects.add(key)
    return Played(before, one.spaces, one)


@dataclass(frozen=True)
class Truth:
    """What must be said of a transfer."""

    status: int
    changes: Counter[Key]
    errors: Counter[Key]
    """What is judged by its number alone, with what is over or missing."""
    headline: bool
    """Whether a subject is among it."""


def truth_of(one: Transfer) -> Truth:
    """Add up what was done, less what was expected."""
    changes = Counter({key: number for key, number in one.truth.items() if number})
    errors = Counter({key: one.truth[key] for key in one.strict})
    errors["extension", "send", one.own["host"]] -= one.expected
    wrong = Counter({key: number for key, number in errors.items() if number})
    return Truth(int(bool(wrong) or one.proven), changes, wrong, any(key in wrong for key in one.subjects))


def exchanged(keys: Counter[Key]) -> Counter[Key]:
    """Give the truth of the mirrored transfer."""
    return Counter({(OTHER[role], *rest): number for (role, *rest), number in keys.items()})  # type: ignore[misc]


def mirrored(space: dict[str, Any]) -> dict[str, Any]:
    """Exchange the roles."""
    return {OTHER[role]: value for role, value in space.items()}


def probe(role: str, space: dict[int, Row], own: int, chance: random.Random) -> bytes:
    """Give what a process would have written of itself, its rows in any order."""
    rows = [
        [name, BITS[row.right], row.urefs, row.object, row.kobject]
        for name, row in chance.sample([*space.items()], len(space))
    ]
    head = {"portaudit_probe": 1, "pid": PIDS[role], "process": role.title(), "boot": "b", "start_time": 9.0}
    mine = next(name for name, row in space.items() if (row.object, row.kobject) == (own, TASK))
    told = {"method": "mach_port_space_info", "columns": COLUMNS, "rows": rows, "task_self": mine}
    return json.dumps(head | told).encode()


def lsmp(role: str, space: dict[int, Row], _: int, chance: random.Random) -> bytes:
    """Give what a release kernel's lsmp would have printed, its rows in any order."""
    ports = [
        Port(name, row.object, row.right, row.urefs, LABELS.get(row.kobject or 0))
        for name, row in space.items()
    ]
    return print_text([Program(PIDS[role], role.title().encode(), tuple(chance.sample(ports, len(ports))))])


WRITERS = {"probe": probe, "lsmp": lsmp}


@dataclass(frozen=True)
class Judged:
    """What portaudit says of a transfer."""

    status: int
    document: dict[str, Any]

    @property
    def residuals(self) -> Counter[Key]:
        """Every change that it tells."""
        return _added_up(self.document["changes"], "change")

    @property
    def errors(self) -> Counter[Key]:
        """The residuals of its errors."""
        found = [one for one in self.document["findings"] if one["severity"] == "error"]
        return _added_up([row for one in found for row in one["rows"]], "residual")

    @property
    def first(self) -> str | None:
        """How the first finding was judged."""
        return next((one["judged_as"] for one in self.document["findings"]), None)


def _added_up(rows: list[dict[str, Any]], what: str) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for row in rows:
        found[key_of(row)] += row[what]
    return Counter({key: number for key, number in found.items() if number})


def key_of(row: dict[str, Any]) -> Key:
    """Give what a row is in the truth."""
    number = row["name"] if row["right"] == "dead-name" else row["object"]
    return row["role"], row["right"], int(number, 16)


def portaudit(*arguments: object) -> tuple[int, str]:
    """Run one command in this process; gives its exit status and what it printed."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return status, out.getvalue() or err.getvalue()


def judged(one: Played, folder: Path, form: str = "probe", *, mirror: bool = False) -> Judged:
    """Let portaudit read both readings in one of the forms, and compare them."""
    turn = mirrored if mirror else dict
    chance = random.Random(9)  # noqa: S311  played chance
    for when, spaces in (("before", turn(one.before)), ("after", turn(one.after))):
        arguments: list[object] = []
        for role in chance.sample([*spaces], 2):
            path = folder / f"{when}-{role}"
            path.write_bytes(WRITERS[form](role, spaces[role], turn(one.told.own)[role], chance))
            arguments += [f"--{role}", path]
        status, said = portaudit("import", *arguments, "-q", "-o", folder / f"{when}.json")
        assert status == 0, said
    files = (folder / "before.json", folder / "after.json")
    who, whose = ("host", "extension") if mirror else ("extension", "host")
    expect = ["--expect", f"{who}: task-control of {whose} {one.told.expected:+d}"] * bool(one.told.expected)
    status, out = portaudit("diff", "--no-config", "--format", "json", *files, *expect)
    return Judged(status, json.loads(out))


def mistakes(one: Played, folder: Path, form: str, *, mirror: bool) -> list[str]:
    """Say what portaudit tells wrong of a transfer."""
    told, truth = judged(one, folder, form, mirror=mirror), truth_of(one.told)
    turn = exchanged if mirror else Counter
    pairs = {
        "exit status": (told.status, truth.status),
        "changes": (told.residuals, turn(truth.changes)),
        "errors": (told.errors, turn(truth.errors)),
        "undecided": (told.document["undecided"], []),
    }
    if form == "probe" or truth.headline:  # lsmp does not tell whose a task port is, where nothing decides it
        pairs["subject first"] = (told.first == "subject", truth.headline)
    return [f"{what}: {said}, not {wanted}" for what, (said, wanted) in pairs.items() if said != wanted]


def main() -> None:
    """Play many transfers."""
    number, seed = (*map(int, sys.argv[1:]), *(2000, 1)[len(sys.argv) - 1 :])
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="portaudit-oracle-") as folder:
        for count in range(number):
            for form, mirror in ((form, mirror) for form in FORMS for mirror in (False, True)):
                if found := mistakes(played(f"{seed} {count}"), Path(folder), form, mirror=mirror):
                    wrong += 1
                    sys.stdout.write(f"{seed} {count} {form} {'mirrored ' * mirror}{'; '.join(found)}\n")
    sys.stdout.write(f"{number} transfers, each judged 4 times: {wrong} times wrong\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
