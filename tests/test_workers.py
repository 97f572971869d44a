"""How many workers play the tests."""

from types import SimpleNamespace

import pytest
from xdist.plugin import pytest_xdist_auto_num_workers as processors

from tests.leaving import QUICK

VARIABLE = "PYTEST_XDIST_AUTO_NUM_WORKERS"


@pytest.mark.parametrize(("wanted", "told", "more"), [("", None, 1), (QUICK, None, 0), ("", "7", 0)])
def test_one_worker_more_plays_whole_programs(pytestconfig, monkeypatch, wanted, told, more):
    """As many as xdist starts, and one more, unless whole programs are left or somebody said how many."""
    monkeypatch.setenv(VARIABLE, told) if told else monkeypatch.delenv(VARIABLE, raising=False)
    config = SimpleNamespace(option=SimpleNamespace(numprocesses="auto", markexpr=wanted))

    assert pytestconfig.hook.pytest_xdist_auto_num_workers(config=config) == processors(config) + more
