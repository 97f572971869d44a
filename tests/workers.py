"""Says how many workers `-n auto` starts: who plays whole programs waits for them a good part of the time."""

import os

import pytest

from tests.leaving import QUICK


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One more than xdist would, unless whole programs are left, or somebody has said how many."""
    number = yield
    told = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return number if told or config.option.markexpr == QUICK else number + 1
