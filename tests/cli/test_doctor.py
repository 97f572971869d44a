"""doctor: each way with its state, on a kernel and without one."""

import json
import os
import sys

import pytest

from portaudit.mach.constants import TaskFlavor
from portaudit.mach.serving import Server
from portaudit.simulator.kernel import ServedSimulator


@pytest.fixture
def served(tmp_path_factory):
    """A simulated kernel that is served, and its name."""
    path = tmp_path_factory.mktemp("d") / "kernel"
    kernel = ServedSimulator()
    with Server(kernel, path):
        yield kernel.kernel, f"simulated:{path}"


def states(ended):
    return {way["way"]: way["state"] for way in json.loads(ended.out)["ways"]}


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has its own kernel")
def test_without_a_mac_the_doctor_points_to_the_stand_ins(portaudit, monkeypatch):
    """On Linux the Mac's ways are not here, and the simulated kernel is."""
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)

    ended = portaudit("doctor", "--format", "json")

    assert ended.status == 0
    assert states(ended) | {"gnumach": "?", "lldb": "?"} == {
        "self": "not here",
        "space-info (read port)": "not here",
        "space-info (control port)": "not here",
        "names (control port)": "not here",
        "lsmp": "not here",
        "lldb": "?",
        "probe": "ok",
        "simulated": "ok",
        "gnumach": "?",
    }


def test_a_process_that_refuses_is_told_way_by_way(portaudit, served):
    """A target that gives no read port is refused there, and read by its control port."""
    kernel, name = served
    parent = os.getppid()
    kernel.create_task(parent)
    kernel.refuse(parent, TaskFlavor.READ)

    ended = portaudit("doctor", parent, "--kernel", name, "--format", "json")

    found = states(ended)
    assert (found["self"], found["space-info (read port)"], found["names (control port)"]) == (
        "ok",
        "refused",
        "ok",
    )


def test_a_way_that_works_says_what_it_read(portaudit, served):
    """The table names the state, and how many names were read."""
    _, name = served

    ended = portaudit("doctor", "--kernel", name)

    assert ended.out.startswith("self                    ok        read 2 names of this process")


def test_no_such_process_is_said(portaudit):
    """A pid that is not there is exit 3."""
    assert portaudit("doctor", "999999999").status == 3
