"""How often portaudit cries wolf over the healthy, and how often it finds a fault, by its command line."""

import json
import statistics
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from portaudit.__main__ import run
from tests.churn.models import MODELS, Fault
from tests.churn.world import EXTENSION, HOST, Row

PIDS = {HOST: 100, EXTENSION: 200}
COLUMNS = ["name", "type", "urefs", "object", "kobject_type", "make_send", "has_senders", "in_set"]
RIGHTS = {"send": 16, "recv": 17, "send-once": 18, "port-set": 19, "dead-name": 20}
NUMBERS = {"THREAD-CONTROL": 1, "TASK-CONTROL": 2, "HOST": 3, "TIMER": 8, "TASK-NAME": 20, "SEMAPHORE": 23}
NUMBERS |= {"NAMED-MEMORY": 28, "IOKIT-CONNECT": 29, "IOKIT-OBJECT": 30, "FILEPORT": 34, "VOUCHER": 37}


def portaudit(*arguments):
    """Run one command in this process; gives its exit status and what it printed."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return status, out.getvalue() or err.getvalue()


@dataclass(frozen=True)
class Life:
    """One life of a model, with what is planted in it, and how it is read."""

    model: str
    seed: int
    fault: Fault | None = None
    rounds: int = 1
    pace: float = 2.0


def readings(life):
    """Give the spaces before the first round and after each, with the time of each."""
    world, fault = MODELS[life.model].world(f"{life.model} {life.seed}"), life.fault
    happen = fault.plant(world) if fault else lambda _: None
    told = [(world.now, {role: dict(space) for role, space in world.spaces.items()})]
    for number in range(1, life.rounds + 1):
        world.trigger()
        happen(number)
        world.live(life.pace)
        told.append((world.now, {role: dict(space) for role, space in world.spaces.items()}))
    return world, told


def judged(life, folder):
    """Give the exit status and the document of `portaudit diff` on such readings."""
    world, told = readings(life)
    files = []
    for number, (seconds, spaces) in enumerate(told):
        records = []
        for role, space in spaces.items():
            records.append(Path(folder, f"{number}-{role}"))
            records[-1].write_text(probe(role, space, world.own[role], 1.7e9 + seconds))
        files.append(Path(folder, f"{number}.json"))
        status, said = portaudit("import", *records, "-q", "-o", files[-1])
        assert status == 0, said
    status, out = portaudit("diff", "--no-config", "--format", "json", *files)
    return status, json.loads(out)


def probe(role: str, space: dict[int, Row], own: int, taken: float) -> str:
    """Give the probe record of one space."""
    mine = next(name for name, row in space.items() if (row.object, row.kobject) == (own, 2))
    told = {"portaudit_probe": 1, "pid": PIDS[role], "process": role.title(), "role": role, "boot": "b"}
    more = {"start_time": 1.7e9, "method": "mach_port_space_info", "task_self": mine, "taken": taken}
    rows = [[name, *row] for name, row in sorted(space.items())]
    return json.dumps({**told, **more, "columns": COLUMNS, "rows": rows})


@dataclass(frozen=True)
class Cell:
    """What came of many runs of one model with one fault."""

    false: float
    """Share of the runs with an error or a warning that no fault explains."""
    found: float
    """Share of the runs whose fault was told, in a series with its rate."""
    place: float | None
    """Where its finding stands, in the median."""
    wolves: tuple[int, ...]
    """Seeds of false alarms."""
    missed: tuple[int, ...]
    """Seeds of misses."""


def cell(model, fault, rounds, seeds, folder):
    """Measure one model with one fault."""
    wolves: list[int] = []
    missed: list[int] = []
    places: list[int] = []
    for seed in seeds:
        _, document = judged(Life(model, seed, fault, rounds), folder)
        grave = [
            [key(row, one) for row in one["rows"]]
            for one in document["findings"]
            if one["severity"] != "note"
        ]
        if any(not _explained(row, fault) for rows in grave for row in rows):
            wolves.append(seed)
        if fault is not None:
            place = next((place for place, rows in enumerate(grave, 1) if _tells(rows, fault, rounds)), None)
            (missed if place is None else places).append(seed if place is None else place)
    number = len(seeds)
    middle = statistics.median(places) if places else None
    return Cell(len(wolves) / number, len(places) / number, middle, tuple(wolves), tuple(missed))


def key(row, finding):
    """Give role, right, kobject type, residual and rate of a row."""
    rate = row.get("rate", finding.get("rate"))
    kobject = NUMBERS.get(row["kobject"] or "", 0 if row["right"] == "send" else None)
    return row["role"], 1 << RIGHTS[row["right"]], kobject, row["residual"], rate


def _explained(row, fault):
    return fault is not None and row[0] == EXTENSION and tuple(row[1:3]) in fault.classes


def _tells(rows, fault, rounds):
    wanted = fault.number * (rounds // fault.every) / rounds
    for role, *kind, residual, rate in rows:
        if role == EXTENSION and tuple(kind) == fault.classes[0] and residual > 0:
            return rounds == 1 or (rate is not None and abs(rate - wanted) <= max(0.15, wanted / 4))
    return False


def table(models, faults, rounds, seeds, folder):
    """Give a line for each model and fault, as soon as it is measured."""
    for model in models:
        for fault in faults:
            one = cell(model, fault, rounds, seeds, folder)
            found = f"found {one.found:6.1%}  place {one.place or '-'!s:>4}" if fault else ""
            seeds_told = f"  seeds {' '.join(map(str, one.wolves[:8]))}" if one.wolves else ""
            name = fault.label if fault else "healthy"
            yield f"{rounds:3} {model:14} {name:20} false {one.false:6.1%}  {found}{seeds_told}"
