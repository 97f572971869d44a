"""The claims about this process and its kernel, on kernels that keep their word and on one that does not."""

import pytest

from portaudit.collect.names import read_names
from portaudit.errors import KernelUnavailable
from portaudit.evidence import kernel
from portaudit.evidence.kernel import CLAIMS
from portaudit.evidence.scene import Scene
from portaudit.mach.serving import Server
from portaudit.simulator.kernel import ServedSimulator

BY_ID = {claim.id: claim for claim in CLAIMS}


@pytest.mark.parametrize(("macos", "number"), [(15, "0 (0x0)"), (26, "4294967295 (0xffffffff)")])
def test_a_plain_port_is_a_queue_whatever_macos_calls_it(tmp_path, macos, number):
    """The number itself is told, so that whoever reads the archive knows which it was."""
    with Server(ServedSimulator(macos=macos), tmp_path / "k"):
        seen = BY_ID["plain-port"].attempt(Scene(tmp_path, f"simulated:{tmp_path / 'k'}"))

    assert (seen.holds, seen.words) == (True, f"mach_port_kobject says {number}; read as 0")


def test_a_missing_function_is_a_no(tmp_path, monkeypatch):
    """A libSystem without a function that portaudit calls is told by the function's name."""

    def missing(_name):
        raise KernelUnavailable("the system library has no function mach_port_kobject")

    monkeypatch.setattr("portaudit.evidence.kernel.open_kernel", missing)
    seen = BY_ID["symbols"].attempt(Scene(tmp_path, "xnu"))

    assert (seen.holds, seen.words) == (False, "the system library has no function mach_port_kobject")


def test_readings_that_leave_something_behind_are_a_no(tmp_path, monkeypatch):
    """A reading that kept a reference would be found by the claim about it."""

    def greedy(mach, task):
        mach.mach_host_self()
        return honest(mach, task)

    honest = read_names
    with Server(ServedSimulator(), tmp_path / "k"):
        scene = Scene(tmp_path, f"simulated:{tmp_path / 'k'}")
        assert BY_ID["footprint"].attempt(scene).holds
        monkeypatch.setattr(kernel, "read_names", greedy)
        seen = BY_ID["footprint"].attempt(scene)

    assert not seen.holds
    assert seen.words.startswith("1 of 2 names changed in 100 readings each way")
