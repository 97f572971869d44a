"""Fingerprints: the same in every run and on every machine."""

from dataclasses import replace
from typing import Any

from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.fingerprint import fingerprint
from portaudit.analysis.judge import judge
from portaudit.model.finding import Finding, Verdict
from portaudit.model.ledger import Frame, Release, Where
from portaudit.model.rights import UREFS_MAX
from portaudit.model.severity import Severity
from tests.analysis.causes.rows import IOKIT, QUEUE, SEMAPHORE, TOKEN, report, send, snapshot


def prints(before, after, **more):
    return [one.fingerprint for one in report(before, after, **more).findings]


def test_a_fingerprint_lasts():
    """This very value is in people's baselines: it must not change from version to version."""
    assert prints([], [send(0x403, 1, 1, SEMAPHORE)]) == ["0e2df0c9de72291b"]


def test_names_objects_counts_and_pids_do_not_matter():
    """Another run has other names, ids, counts and pids, and the same fingerprint."""
    before, after = (snapshot([send(0x403, urefs, 1, IOKIT, "IOThing")]) for urefs in (1, 2))
    again = [snapshot([send(0x9903, urefs, 77, IOKIT, "IOThing")]) for urefs in (3, 9)]
    other = [
        replace(
            one,
            tasks=tuple(replace(task, process=structs.replace(task.process, pid=1)) for task in one.tasks),
        )
        for one in again
    ]

    first = judge(compare((before, after))).findings
    second = judge(compare(other)).findings
    assert [one.fingerprint for one in first] == [one.fingerprint for one in second]


def test_rule_role_kobject_description_and_peer_do_matter():
    """Findings that differ in what lasts have different fingerprints."""
    thing = send(0x403, 2, 1, IOKIT, "IOThing")
    different = {
        *prints([], [thing]),
        *prints([], [], host=([], [thing])),
        *prints([], [replace(thing, description="IOOther")]),
        *prints([], [replace(thing, kobject=SEMAPHORE)]),
        *prints([], [replace(thing, peer="other")]),
        *prints([replace(thing, urefs=9)], [thing]),
    }

    assert len(different) == 6


def test_a_pid_in_a_description_does_not_matter():
    """The description of an identity token holds the pid: it is left out."""
    first, second = (send(0x403, 1, 1, TOKEN, text) for text in ("998,77,1", "999,1,3"))

    assert prints([], [first]) == prints([], [second])


def test_the_number_of_a_registry_entry_does_not_matter():
    """IOKit's descriptions end with the entry's id, which each boot gives anew: it is left out."""
    first, second = (send(0x403, 1, 1, IOKIT, f"AppleSMC(0x100000{id_})") for id_ in ("a51", "b02"))

    assert prints([], [first]) == prints([], [second]) != prints([], [send(0x403, 1, 1, IOKIT, "AppleT8")])


def test_the_number_of_rows_does_not_matter():
    """Three dead-alike rows and five make one fingerprint: what lasts is that they pile up."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, SEMAPHORE) for n in range(5)]

    assert prints([], rows[:3]) == prints([], rows)


def test_a_finding_of_many_rows_is_told_by_each_kind_of_them():
    """What lasts of any row counts as it does in a short finding, however many are like it."""
    kinds: list[tuple[Any, ...]]
    kinds = [(IOKIT, "IOThing"), (IOKIT, "IOOther"), (SEMAPHORE, None), (QUEUE, None, "other"), (QUEUE, None)]
    rows = [send(0x403 + 0x100 * n, UREFS_MAX, 1 + n, *kinds[n % 4]) for n in range(100)]
    rows += [send(0x90003, UREFS_MAX, 777, *kinds[4])]

    (many,), (few,) = (report(some, some).undecided for some in (rows, [*rows[:4], rows[-1]]))
    assert (len(many.rows), len(few.rows), many.fingerprint) == (101, 5, few.fingerprint)
    assert report(rows[:4], rows[:4]).undecided[0].fingerprint != few.fingerprint


def test_a_release_without_a_row_is_known_by_its_functions():
    """Where the program has no symbols, by its image; the system's frames and all lines are left out."""

    def print_of(*frames):
        where = Where("ledger", 0, releases=(Release("mach_port_deallocate", frames),))
        return fingerprint(
            Finding("O5", Severity.ERROR, Verdict.OVER_RELEASED, "freed twice", where=(where,))
        )

    close = Frame("/app/App", 16, symbol="close_box", line=3)
    known = print_of(close)

    assert known == print_of(replace(close, offset=32, line=4), Frame("/usr/lib/libxpc.dylib", 8, symbol="f"))
    assert known != print_of(replace(close, symbol="shut_down"))
    assert print_of(replace(close, symbol=None)) != print_of(Frame("/app/Other", 16))
