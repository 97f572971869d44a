"""A live GNU Mach for the tests that ask for one, and nothing of it afterwards."""

import itertools
import os
import signal

import pytest

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.build import built
from portaudit.gnumach.kernel import Kernel

PIDS = itertools.count(1000)


@pytest.fixture(scope="session")
def gnumach_folder():
    """The built kernel. Where it cannot be built its tests are skipped, or fail if REQUIRE_GNUMACH=1."""
    try:
        return built(print)
    except KernelUnavailable as missing:
        if os.environ.get("REQUIRE_GNUMACH") == "1":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def booted(gnumach_folder):
    """One booted kernel for the whole session."""
    assert gnumach_folder.is_dir()
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def gnumach_kernel(booted):
    """The booted kernel, which stands still between its tests: its clock alone takes a twentieth of a core.

    Each test makes tasks of its own.
    """
    os.kill(booted.machine.pid, signal.SIGCONT)
    yield booted
    os.kill(booted.machine.pid, signal.SIGSTOP)


@pytest.fixture
def new_task(gnumach_kernel):
    """Make tasks that end with the test."""
    pids = []

    def make(parent=None):
        pids.append(next(PIDS))
        return gnumach_kernel.create_task(pids[-1], parent)

    yield make
    for pid in pids:
        gnumach_kernel.terminate(pid)
