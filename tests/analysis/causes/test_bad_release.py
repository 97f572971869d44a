"""O5: a release that the kernel noticed."""

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.declared import Terms
from portaudit.model.guard import GuardEvent
from tests.analysis.causes.rows import SEMAPHORE, recv, send, snapshot

INVALID_NAME, INVALID_RIGHT, MOD_REFS, IMMOVABLE = 0x200, 0x100, 2, 0x20
MISTAKE = "the call used a name that denotes nothing in this process: it was freed before"
GONE = f"INVALID_NAME on name 0x2703: {MISTAKE}"


def event(flavour=INVALID_NAME, target=0x2703, **more):
    known = {"pid": 4243, "process": "Extension", **more}
    return GuardEvent(guard=1, flavour=flavour, target=target, **known)


def judged(*events, rows=(), after=None):
    before = snapshot(rows)
    return judge(compare((before, before if after is None else after)), (), Terms(guards=events))


def told(report):
    return [
        (one.rule, str(one.verdict), one.evidence, [row.name for row in one.rows]) for one in report.findings
    ]


SILENT = {
    "another process raised it": event(pid=99, process="Extension"),
    "the process has another name": event(pid=None, process="Other"),
    "it is no release": event(IMMOVABLE),
    "it guards a file descriptor": GuardEvent(guard=2, flavour=1, target=3, pid=4243),
}


@pytest.mark.parametrize("one", SILENT.values(), ids=SILENT)
def test_stays_silent_because(one):
    """O5 has nothing to say unless a bad release was noticed in a compared task."""
    assert "O5" not in [finding.rule for finding in judged(one).findings]


@pytest.mark.parametrize("flavour", [0x2, 0x100, 0x200, 0x400, 0x20_0000])
def test_speaks_of_each_flavour_that_a_release_raises(flavour):
    """MOD_REFS, INVALID_RIGHT, INVALID_NAME, INVALID_VALUE and MOD_REFS_NON_FATAL are bad releases."""
    assert [finding.rule for finding in judged(event(flavour)).findings] == ["O5"]


def test_stays_silent_of_strangers_but_notes_them():
    """An event that no rule tells of is a remark, with the reason."""
    stranger = event(pid=99, process="Other")
    file = GuardEvent(guard=2, flavour=1, target=3, process="Extension", pid=4243)

    elsewhere, declined = judged(stranger, file).notes
    assert elsewhere == (
        "guard exception INVALID_NAME on name 0x2703 in Other: not raised in a task of these snapshots"
    )
    assert declined == (
        "guard exception in Extension: the guard is on a guarded file descriptor: "
        "portaudit decodes guards on Mach ports"
    )


def test_speaks_of_the_silent_double_free():
    """Both tables are equal, and the finding names process and name."""
    report = judged(event())

    (only,) = report.findings
    assert told(report) == [("O5", "over-released", GONE, [0x2703])]
    assert [(row.before, row.after) for row in only.rows] == [(0, 0)]
    assert (only.title, str(report.outcome)) == (
        "the extension released a name that it no longer held, or that was not its to release",
        "findings",
    )


def test_speaks_of_the_right_that_the_name_denotes():
    """The row is the one that stands at the name after."""
    (only,) = judged(event(INVALID_RIGHT, 0x403), rows=[recv(0x403, 7)]).findings

    assert [(row.name, row.object, str(row.right)) for row in only.rows] == [(0x403, 7, "recv")]
    (both,) = judged(event(INVALID_RIGHT, 0x403), rows=[recv(0x403, 7, sends=2)]).findings
    assert [(str(row.right), row.before, row.after) for row in both.rows] == [("send", 2, 2)]


def test_speaks_once_of_one_mistake():
    """Events of one flavour and caller are one finding, with a row for each name."""
    events = [event(target=0x2703 + 0x100 * n, caller="Model.refresh") for n in range(3)]

    seen = f"INVALID_NAME on name 0x2703 and 2 more, called by Model.refresh: {MISTAKE}"
    assert told(judged(*events)) == [("O5", "over-released", seen, [0x2703, 0x2803, 0x2903])]


def test_speaks_of_the_kill_of_one_of_several():
    """The last of three bad releases may be the one that a process does not survive."""
    (only,) = judged(event(), event(), event(killed=True)).findings

    assert (
        only.evidence == f"INVALID_NAME on name 0x2703 and 2 more: {MISTAKE}; the process was killed for it"
    )


def test_speaks_of_a_process_that_was_killed_for_it():
    """A task that stands before only is undecided, and the finding says why it has gone."""
    whole = snapshot([send(0x403, 1, 7, SEMAPHORE)])
    alone = type(whole)(whole.tasks[:1], settled=True)
    report = judge(compare((whole, alone)), (), Terms(guards=(event(killed=True),)))

    assert told(report) == [("O5", "over-released", f"{GONE}; the process was killed for it", [0x2703])]
    assert [one.rule for one in report.undecided] == ["R1"]


def test_speaks_of_a_process_that_is_known_by_name_only():
    """A report without a pid is joined by the process's name."""
    assert [one.rule for one in judged(event(pid=None)).findings] == ["O5"]
