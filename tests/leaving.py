"""Says how many tests a quick run has left: what is left out in silence is believed to have passed.

With xdist each worker leaves the same ones out, and the process that prints collects nothing itself.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

WHOLE = "whole"
"""The mark of tests that play whole programs."""
QUICK = f"not {WHOLE}"
"""What `make` asks pytest for, before a commit."""
QUICK_EXAMPLES = "quick"
"""The profile of Hypothesis that it asks for: a quarter of the examples of each property."""
NEEDS = ("gnumach", "chromium", "sarif")
"""Marks of tests that need such a program, and so play a whole one."""
LEFT = pytest.StashKey[int]()

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile(QUICK_EXAMPLES, settings.get_profile("ci"), max_examples=25)
settings.load_profile("ci")


def examples(number):
    """Try so many examples of a property that wants another number than others: a quick run, a quarter."""
    quick = settings().max_examples == settings.get_profile(QUICK_EXAMPLES).max_examples
    return settings(max_examples=number // 4 if quick else number)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark those that need a program before any is left out."""
    for item in items:
        if any(map(item.get_closest_marker, NEEDS)):
            item.add_marker(WHOLE)


def pytest_deselected(items):
    """Count what was left out though it plays whole programs."""
    if items:
        stash = items[0].config.stash
        stash[LEFT] = stash.get(LEFT, 0) + sum(item.get_closest_marker(WHOLE) is not None for item in items)


def pytest_sessionfinish(session):
    """Tell the process that prints."""
    told: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["left"] = session.config.stash.get(LEFT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Hear it from a worker."""
    told = getattr(node, "workeroutput", {})
    node.config.stash[LEFT] = max(node.config.stash.get(LEFT, 0), told.get("left", 0))


def pytest_terminal_summary(terminalreporter, config):
    """Say it in a line."""
    left = config.stash.get(LEFT, 0)
    if left and config.option.markexpr == QUICK:
        terminalreporter.write_line(
            f"{left:,} tests that play whole programs were left for `make test`{_fewer(config)}", yellow=True
        )


def _fewer(config):
    fewer = getattr(config.option, "hypothesis_profile", None) == QUICK_EXAMPLES
    return ", and so were three of four examples of each property" if fewer else ""
