"""A live kernel and the simulator, after every one of many random operations."""

import pytest

from tests.gnumach.fuzz import fuzz

pytestmark = pytest.mark.gnumach

OPERATIONS = 125


def _drop_all(entry, _count=1):
    entry.urefs = 0


@pytest.mark.parametrize("seed", range(4))
def test_the_simulator_does_what_a_real_mach_kernel_does(gnumach_kernel, seed):
    """Same codes, and same spaces but for the names, after each of 500 operations.

    `python -m tests.gnumach.fuzz 20000` plays as many as anyone likes.
    """
    pair = fuzz(gnumach_kernel, OPERATIONS, seed)
    assert sum(pair.answers.values()) >= OPERATIONS
    assert {function for function, _ in pair.answers} >= {"mach_msg", "mach_port_insert_right"}


def test_a_disagreement_is_noticed(gnumach_kernel, monkeypatch):
    """A simulator that drops all references at once is caught, with the step and the operation."""
    monkeypatch.setattr("portaudit.simulator.space.Entry.drop_references", _drop_all)
    with pytest.raises(AssertionError, match=r"^seed 9, step \d+, 50\d: mach_"):
        fuzz(gnumach_kernel, OPERATIONS, 9)
