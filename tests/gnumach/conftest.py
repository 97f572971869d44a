"""A live GNU Mach for the tests that ask for one, and nothing of it afterwards."""

import itertools
import os

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
def gnumach_kernel(gnumach_folder):
    """One booted kernel for the whole session; each test makes tasks of its own."""
    assert gnumach_folder.is_dir()
    with Kernel() as kernel:
        yield kernel


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
