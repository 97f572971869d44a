"""The ledger against the simulated kernel: every kind of call, mail with arrays of rights among them."""

import os
import subprocess

import pytest

from portaudit.ledger.read import read_ledger
from portaudit.model.ledger import EVERYTHING, Event, Ledger
from tests.ledger.lldb_runs import build_mach_programs, lldb
from tests.shared import once
from tests.staged import served

pytestmark = pytest.mark.whole

SEND, DEAD_NAME, SEND_ONCE, RECEIVE, PORT_SET = 0x10000, 0x100000, 0x40000, 0x20000, 0x80000

Key = tuple[int, bool]


@pytest.fixture(scope="module")
def mach_programs(programs, tmp_path_factory):  # noqa: ARG001  where those are, these can be made
    """Programs over the stand-in for libSystem."""
    return once(tmp_path_factory, "ledger-mach", build_mach_programs)


@pytest.fixture(scope="module")
def kernel():
    """One simulated kernel for all runs."""
    with served() as name:
        yield name


def spaces(printed: str) -> dict[str, dict[Key, int]]:
    """Read what the program printed of its space: references by name, receive rights apart."""
    found: dict[str, dict[Key, int]] = {"before": {}, "after": {}}
    for line in printed.splitlines():
        when, name, bits, references = line.split()
        if int(bits, 16) & (SEND | DEAD_NAME | SEND_ONCE):
            found[when][int(name, 16), False] = int(references)
        if int(bits, 16) & (RECEIVE | PORT_SET):
            found[when][int(name, 16), True] = 1
    return found


def added_up(ledger: Ledger, before: dict[Key, int]) -> dict[Key, int]:
    """Add a ledger up from what was there before."""
    total = dict(before)
    sets: set[int] = set()
    for event in ledger.events:
        key = key_of(event, sets)
        if event.done and event.change == EVERYTHING:
            total[event.name, True] = total[event.name, False] = 0
        elif event.done:
            total[key] = total.get(key, 0) + event.change
    return {key: count for key, count in total.items() if count}


def key_of(event: Event, sets: set[int]) -> Key:
    """A deallocate of a port set takes the set."""
    if event.change > 0 and event.right == 3:
        sets.add(event.name)
    elif event.change > 0 and event.right == 1:
        sets.discard(event.name)
    return (event.name, True) if event.right == 255 and event.name in sets else event.key


@pytest.mark.parametrize("seed", range(8))
def test_the_ledger_adds_up_to_the_kernels_own_table(programs, mach_programs, kernel, tmp_path, seed):
    """After 600 random calls: every name that the program was ever given, references and receive rights.

    The reply port that libSystem makes for itself is nobody's call, and not asked about.
    """
    ran = subprocess.run(
        [mach_programs.program("everything"), str(seed), "600"],
        env=programs.environment(tmp_path / "l") | {"PORTAUDIT_KERNEL": kernel, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    ledger, space = read_ledger(tmp_path / "l"), spaces(ran.stdout)
    told = {event.name for event in ledger.events}
    found = added_up(ledger, space["before"])

    assert ledger.dropped == 0
    mail = [event for event in ledger.events if event.function == "mach_msg"]
    assert {event.change for event in mail} == {1, -1}
    assert any(event.call != event.sequence for event in mail)
    assert {key: count for key, count in found.items() if key[0] in told} == {
        key: count for key, count in space["after"].items() if key[0] in told
    }


def test_lldb_adds_up_to_the_kernels_own_table(mach_programs, kernel, tmp_path):
    """The same by breakpoints, from main on."""
    said = lldb(
        f"target create {mach_programs.program('everything')}",
        "breakpoint set -n main",
        "process launch -- 5 300",
        "breakpoint delete 1",
        f"portaudit record {tmp_path / 'l'}",
        "portaudit go",
        "portaudit end",
        kernel=kernel,
    )
    printed = "\n".join(line for line in said.splitlines() if line.startswith(("before 0x", "after 0x")))
    ledger, space = read_ledger(tmp_path / "l"), spaces(printed)
    told = {event.name for event in ledger.events}
    found = added_up(ledger, space["before"])

    assert {event.change for event in ledger.events if event.function == "mach_msg"} == {1, -1}
    assert {key: count for key, count in found.items() if key[0] in told} == {
        key: count for key, count in space["after"].items() if key[0] in told
    }
