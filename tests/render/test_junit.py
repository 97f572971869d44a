"""JUnit XML: what a CI server counts."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from msgspec import structs

from portaudit.model.kobject import SEMAPHORE
from portaudit.render import Format, Style, render_report
from tests.render.scenarios import EXTENSION_SPACE, SCENARIOS, judged, kept, snapshot


def document(scenario, **style):
    """Read what is printed of a scenario."""
    return ET.fromstring(render_report(SCENARIOS[scenario](), Format.JUNIT, Style(**style)))  # noqa: S314  our own


def cases(root):
    """Give each test case with the element that says how it ended; None if it passed."""
    return {
        f"{case.get('classname')}.{case.get('name')}": next((child.tag for child in case), None)
        for case in root.iter("testcase")
    }


def totals(element):
    """Give the numbers that a server adds up."""
    return tuple(int(element.get(key)) for key in ("tests", "failures", "errors"))


def test_a_finding_fails_its_process_and_no_other():
    """A leak in the extension fails its balance, by its rule, and the host's balance passes."""
    root = document("leak")

    assert cases(root) == {
        "portaudit.extension.balance": "failure",
        "portaudit.extension.U5": "failure",
        "portaudit.host.balance": None,
    }
    assert totals(root) == (3, 2, 0)


def test_what_moved_fails_both_processes():
    """A swapped owner fails the balance of both, and is a case in each."""
    assert cases(document("swapped")) == {
        f"portaudit.{role}.{name}": "failure" for role in ("extension", "host") for name in ("X1", "balance")
    }


def test_a_balanced_pair_passes():
    """A process without findings is one case that passes."""
    assert cases(document("clean")) == {
        "portaudit.extension.balance": None,
        "portaudit.host.balance": None,
    }


def test_what_is_undecided_is_an_error():
    """A process that could not be read is an error under its own name, and neither passes nor is skipped."""
    root = document("unread")

    assert cases(root) == {
        "portaudit.extension.balance": "error",
        "portaudit.extension.R1": "error",
        "portaudit.host.balance": None,
    }
    assert totals(root) == (3, 0, 2)


def test_what_is_accepted_is_skipped_with_the_reason():
    """A suppressed finding is a skipped case that says why."""
    root = document("suppressed")

    assert [skipped.get("message") for skipped in root.iter("skipped")] == [
        "XPC caches it",
        "known since 1.0",
    ]
    assert cases(root)["portaudit.extension.U5"] == "skipped"


def test_findings_of_one_rule_in_one_process_are_one_case():
    """Fourteen rights of one kind that were kept are one case that tells all of them."""
    root = document("many")
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]

    assert len(names) == len(set(names))


def test_what_the_check_lets_pass_is_told_and_passes():
    """With --fail-on error a warning fails no balance, and stands in its output."""
    root = document("dead-name", fail_on="error")

    assert "failure" not in cases(root).values()
    assert [out.text.splitlines()[0] for out in root.iter("system-out")] == [
        "N1  the extension: dead names pile up: rights were leaked, and their ports have died"
    ]


def test_suites_add_up():
    """The numbers of the suites add up to those of the document, and to its cases."""
    for scenario in SCENARIOS:
        root = document(scenario)

        assert totals(root)[0] == len(list(root.iter("testcase")))
        assert totals(root) == tuple(map(sum, zip(*map(totals, root), strict=True)))


def test_a_finding_that_no_process_has_stands_for_all():
    """A finding without rows is told under a suite of its own."""
    report = SCENARIOS["leak"]()
    bare = replace(report, findings=(structs.replace(report.findings[0], rows=()),))

    root = ET.fromstring(render_report(bare, Format.JUNIT, Style()))  # noqa: S314  our own
    assert cases(root)["portaudit.all processes.U5"] == "failure"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_balance_keeps_its_name_whatever_is_found(scenario):
    """A process that both snapshots have is the case `balance` of its suite, first, in every report."""
    for suite in document(scenario):
        names = [case.get("name") for case in suite.iter("testcase")]

        assert "balance" not in names[1:]
        assert names[0] == "balance" or suite.get("name") == "all processes"


def test_no_name_holds_a_pid():
    """A process without a role is called by its name alone: a server knows a case by its name."""
    names = [case.get("classname") for case in document("many").iter("testcase")]

    assert "portaudit.helper" in names
    assert not [name for name in names if "77" in name]


def test_what_only_moved_fails_if_it_shall():
    """With --fail-on note a process in which anything changed fails, though nothing of it is a finding."""
    before = snapshot(extension=(*EXTENSION_SPACE, kept(1, SEMAPHORE, 0x2003, 1)))
    after = snapshot(extension=(*EXTENSION_SPACE, kept(1, SEMAPHORE, 0x2103, 2)))
    moved = judged(before, after)

    assert moved.findings == ()
    for fail_on, ended in (("warning", None), ("note", "failure")):
        root = ET.fromstring(render_report(moved, Format.JUNIT, Style(fail_on=fail_on)))  # noqa: S314  our own
        assert cases(root)["portaudit.extension.balance"] == ended
