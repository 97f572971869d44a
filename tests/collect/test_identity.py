"""A process is the same one although the clock was stepped, and another one although it has the same pid."""

import os

import psutil
import pytest
from msgspec import structs

import portaudit
from portaudit.auditing.snapshot import Request
from portaudit.collect import process
from portaudit.collect.process import identify, is_same
from tests.staged import served


@pytest.fixture
def clock(monkeypatch):
    """Step the clock by so many seconds: `told` says how far psutil then moves each start."""
    real_start, real_boot = psutil.Process.create_time, psutil.boot_time()

    def step(seconds, told=None):
        moved = seconds if told is None else told
        monkeypatch.setattr(psutil.Process, "create_time", lambda self: real_start(self) + moved)
        monkeypatch.setattr(psutil, "boot_time", lambda: real_boot + seconds)

    return step


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.3, 0.0), (1.0, 1.0), (1.0, 0.0), (3600.0, 3600.0), (-3600.0, -3600.0), (-3600.0, 3600.0), (5e6, 0.0)],
)
def test_a_process_outlives_a_step_of_the_clock(clock, seconds, told):
    """Whichever way the clock goes, and whether psutil goes along with it or not."""
    own = identify(os.getpid())

    clock(seconds, told)

    assert is_same(own)


@pytest.mark.parametrize("seconds", [-7.0, 2.0, 3600.0])
def test_another_start_is_another_process(seconds):
    """Without a step of the clock a pid that was started at another time is somebody else's by now."""
    own = identify(os.getpid())

    assert not is_same(structs.replace(own, start_time=(own.start_time or 0) + seconds))


def test_a_step_does_not_hide_a_restart(clock):
    """After a step of an hour a process that was started a minute later is still another one."""
    own = identify(os.getpid())
    clock(3600.0)

    assert not is_same(structs.replace(own, start_time=(own.start_time or 0) - 60))


def test_an_audit_goes_on_through_a_step_of_the_clock(clock):
    """What is read before and after the step is compared: it is one process."""
    with served() as kernel, portaudit.audit(kernel=kernel) as audited:
        clock(3600.0)

    assert audited.report.undecided == ()
    assert audited.report.outcome == "balanced"


def test_the_clock_of_the_start_is_that_of_the_import():
    """What a step is measured against was read before anything could be stepped."""
    assert abs(process.BOOT_TIME - psutil.boot_time()) <= process.SAME_START_SECONDS
    assert Request().settle > 0
