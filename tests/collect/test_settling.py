"""Settling means that two readings agree, whichever way they were read."""

import os
from dataclasses import replace

import pytest

from portaudit.auditing import snapshot as snapshots
from portaudit.auditing.snapshot import Request, take_snapshot
from portaudit.collect import other_programs
from portaudit.collect.process import identify
from portaudit.collect.taking import settled
from portaudit.model.snapshot import NotRead, Process, Task
from tests.spaces import entries


def reading(references):
    return Task(Process(4242), way="lsmp", entries=entries((0x103, "send", references, 7, 2)))


REFUSED = Task(Process(4242), not_read=NotRead("lsmp printed nothing"))


@pytest.fixture
def lsmp(monkeypatch):
    """Let whatever reads by lsmp get these readings, one after the other; the last stays. Gives the calls."""
    script: list[Task] = []
    calls = []

    def read(process, role, *, sudo):
        calls.append(sudo)
        task = script.pop(0) if len(script) > 1 else script[0]
        return replace(task, process=process, role=role)

    def play(*tasks):
        script[:] = tasks
        monkeypatch.setattr(other_programs, "read_by_lsmp", read)
        return calls

    return play


OWN = Request(extension=str(os.getpid()), way="lsmp", settle=0.2)


def test_one_run_of_lsmp_is_not_settled(lsmp):
    """What was read once was compared with nothing."""
    calls = lsmp(reading(1))

    snapshot = take_snapshot(replace(OWN, settle=0))

    assert (snapshot.settled, len(calls)) == (None, 1)


def test_two_runs_of_lsmp_that_agree_are(lsmp):
    """The first pair of equal readings ends it: there, the third and the fourth."""
    calls = lsmp(reading(1), reading(2), reading(3), reading(3))

    snapshot = take_snapshot(OWN)

    assert (snapshot.settled, len(calls)) == (True, 4)


def test_runs_of_lsmp_that_never_agree_are_said_to(lsmp):
    """At least five are compared, however long each of them takes."""
    calls = lsmp(*map(reading, range(1, 6)))

    snapshot = take_snapshot(replace(OWN, settle=1e-9))

    assert (snapshot.settled, len(calls)) == (False, 5)


def test_two_refusals_are_no_agreement(lsmp):
    """Where nothing could be read, nothing has settled, and lsmp is not run again in vain."""
    calls = lsmp(REFUSED)

    snapshot = take_snapshot(OWN)

    assert (snapshot.settled, len(calls)) == (None, 1)


def test_a_refusal_between_readings_is_not_taken_for_one():
    """A reading after a refusal begins anew: both have to be readings."""
    script = [REFUSED, reading(1), REFUSED, reading(1), reading(1)]
    first = reading(1)

    outcome = settled(lambda: (script.pop(0), first), 0.2)

    assert (outcome.settled, script) == (True, [])


class Xnu:
    """A kernel of a Mac where no task port opens: lsmp reads what it can."""

    kind = "xnu"
    counts: dict[str, int]


def test_what_lsmp_reads_after_a_refused_port_settles_by_its_own_readings(lsmp, monkeypatch):
    """Two refusals of the kernel agree, and say nothing of the two readings by lsmp."""
    taken = []

    def read_settled(_mach, targets, _way, seconds, _advice, *, second_try, progress):
        refused = [Task(target.process, target.role, not_read=NotRead("EPERM")) for target in targets]
        taken.append(seconds)
        return settled(lambda: tuple(map(second_try, refused)), seconds, progress)

    class Opened:
        mach, boot = Xnu(), None

        def __enter__(self):
            return self

        def __exit__(self, *_exception):
            return None

    monkeypatch.setattr(snapshots, "read_settled", read_settled)
    monkeypatch.setattr(snapshots, "open_kernel", lambda _name: Opened())
    calls = lsmp(reading(1), reading(2), reading(2))

    snapshot = take_snapshot(replace(OWN, way="auto"))

    assert (snapshot.settled, len(calls), taken) == (True, 3, [0.2])
    assert snapshot.tasks[0].process == identify(os.getpid())
