"""Processes that live: the healthy are left alone, what is planted in them is told."""

import pytest

from tests.churn.measure import Life, cell, judged
from tests.churn.models import LEVELS, MODELS, Fault

SAMPLE = ("quiet", "lively", "driven", "storms", "just-launched")
"""`python -m tests.churn` plays all models, with many seeds."""


@pytest.mark.parametrize("rounds", [1, 10])
@pytest.mark.parametrize("model", SAMPLE)
def test_a_healthy_process_is_left_alone(tmp_path, model, rounds):
    """Whatever comes and goes, in a pair and in a series: no error, no warning."""
    assert cell(model, None, rounds, range(2), tmp_path).wolves == ()


@pytest.mark.parametrize("level", LEVELS)
def test_one_reference_to_the_hosts_task_port_stands_first(tmp_path, level):
    """However busy the app is, the only finding of a pair is the leak, and it stands first."""
    one = cell(level, Fault("subject"), 1, range(2), tmp_path)

    assert (one.found, one.place, one.false) == (1, 1, 0)


@pytest.mark.parametrize("fault", [Fault("subject", every=3), Fault("semaphore"), Fault("connection")])
def test_a_series_tells_what_a_round_leaves(tmp_path, fault):
    """One reference each third round, one semaphore, one connection: named with its rate, nothing else."""
    one = cell("lively", fault, 10, range(2), tmp_path)

    assert (one.found, one.false) == (1, 0)


def test_rounds_close_together_are_judged_as_a_pair(tmp_path):
    """Threads live five seconds after their work: with rounds of half a second that is said, and no error."""
    status, document = judged(Life("driven", 1, None, 10, pace=0.5), tmp_path)

    assert status == 0
    assert [note for note in document["notes"] if "the rounds were closer than a second" in note] != []


def test_a_model_lives_again_as_it_lived(tmp_path):
    """A seed is a life: a false alarm can be looked at."""
    life = Life("lively", 7, None, 2)

    assert judged(life, tmp_path) == judged(life, tmp_path)


def test_every_model_lives():
    """Something comes and goes in each but the still one."""
    still = [
        name
        for name, model in MODELS.items()
        if len({frozenset(space) for world in [model.world(1)] for space in _lives(world)}) == 1
    ]

    assert still == ["still"]


def _lives(world):
    for _ in range(4):
        yield {*world.spaces["host"].items()}
        world.trigger()
        world.live(2)
