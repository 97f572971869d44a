"""The numbers that the judgement stands on: they were measured, and none moves unseen."""

import ast
from pathlib import Path

import portaudit.analysis

LIMITS = {
    "causes/queues.BESIDE": 0.2,
    "explaining.SHORTEST": 4,
    "fingerprint.DIGITS": 16,
    "growth.ENOUGH": 10,
    "growth.SHOWN": 20,
    "growth.WINDOW": 60,
    "idle.MUCH_LONGER": 2,
    "known.LINES_TOLD": 10,
    "known.SAME_RATE": 0.15,
    "known.WARN_DAYS": 14,
    "pairing.ENOUGH": 0.5,
    "pairing.FEW": 4,
    "pairing.SAME_MOMENT": 1.5,
    "pairs.LAUNCH": 10.0,
    "pairs.OUT_OF_PROPORTION": 20,
    "pairs.SEVERAL": 2,
    "pairs.SHARE_OF_OPERATIONS": 0.5,
    "pairs.SURE": 3.0,
    "resource.LARGEST": 8,
    "roles.LISTED_MAX": 10,
    "series/course.ALIKE": 0.001,
    "series/course.EACH": 0.8,
    "series/course.HALF": 0.5,
    "series/course.LEAST_NOISE": 0.02,
    "series/course.LEAST_SLOPE": ((8, 0.8), (15, 0.25)),
    "series/course.OFTEN": 0.8,
    "series/course.REFERENCES": ((5, 25.0), (8, 10.5)),
    "series/course.SHOWN": 24,
    "series/course.SIZE": ((8, 14.0), (15, 10.5)),
    "series/course.SLOWER": ((5, 25.0), (8, 15.0), (15, 10.5)),
    "series/leaks.LEAST_ROUNDS": 5,
    "series/leaks.LISTED": 8,
    "series/leaks.SPACED": 1.0,
    "series/survival.CLASSES": 20,
    "series/survival.EACH_ROUND": ((5, 9.0), (7, 8.5), (9, 7.0), (15, 6.0)),
    "series/survival.EVENTS": 4,
    "series/survival.GROWTH": 0.5,
    "series/survival.LEAST_MEAN": 0.02,
    "series/survival.OFTEN": 0.8,
    "series/survival.SIGMA": 2.0,
    "series/survival.SOME_ROUNDS": ((10, 8.0), (15, 6.5)),
    "series/survival.STEPS": 8,
    "strict.A_SERIES": 3,
    "tracks.PAIR": 2,
}
"""File and name -> the number. Whoever moves one runs `python -m tests.churn` first, and shows its table."""

HOME = Path(portaudit.analysis.__file__).parent


def test_the_limits_are_those_that_were_measured():
    """Every number by which the judgement decides stands here as it was when false alarms were counted."""
    found = {
        f"{path.relative_to(HOME).with_suffix('')}.{name}": value
        for path in HOME.rglob("*.py")
        for name, value in _numbers(ast.parse(path.read_text("utf-8")))
    }

    assert found == LIMITS


def _numbers(module):
    for statement in module.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float()) as number)
                | ast.AnnAssign(
                    target=ast.Name(id=name), annotation=ast.Name(id="Limits"), value=ast.Tuple() as number
                )
            ) if not name.startswith("_"):
                yield name, ast.literal_eval(number)
